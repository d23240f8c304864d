using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// Serves functions, resources and prompts to MCP clients, one connection a call of <see cref="RunAsync"/>. Speaks the revisions 2024-11-05
/// to 2026-07-28; the client chooses. Arguments are checked against each tool's schema before the tool sees them.
/// </summary>
public sealed class McpToolServer
{
    private readonly McpToolServerOptions _options;
    private readonly ServedOffer _offer;

    /// <summary>Takes the tools, in the order in which clients shall see them.</summary>
    /// <param name="tools">The tools; safe for concurrent calls.</param>
    /// <param name="options">Name, version, resources, prompts, logs.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">
    /// A name is taken twice or not portable, or a schema uses what common clients refuse; the message names the tool.
    /// </exception>
    public McpToolServer(IEnumerable<AIFunction> tools, McpToolServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tools);
        _options = options ?? new McpToolServerOptions();
        Tools = [.. tools];
        _offer = new ServedOffer(Tools, _options);
    }

    /// <summary>The tools served, in order.</summary>
    public IReadOnlyList<AIFunction> Tools { get; }

    internal McpToolServerOptions Options => _options;

    /// <summary>Serves one client until it closes its side or <paramref name="cancellationToken"/> fires.</summary>
    /// <param name="input">What the client sends, one JSON message a line; for stdio, the standard input stream.</param>
    /// <param name="output">Where answers go; nothing else may write to it.</param>
    /// <param name="cancellationToken">Ends the connection and cancels running calls.</param>
    public async Task RunAsync(Stream input, Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        await using var transport = new StreamServerTransport(new CancellableInput(input), output, _options.Name, _options.Loggers);
        await using McpConnection connection = Connect(transport);
        await connection.Server.RunAsync(cancellationToken);
    }

    /// <summary>Offers everything to one more client.</summary>
    /// <param name="transport">Where it is.</param>
    internal McpConnection Connect(ITransport transport) => new(_offer, transport, _options.Loggers);
}
