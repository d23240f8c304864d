using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>Prompts that people choose in their client. Implementations are safe for concurrent use.</summary>
public abstract class McpPrompts
{
    /// <summary>Whether the list may change while the server runs; clients that listen are then told within a second or two.</summary>
    public virtual bool MayChange => false;

    /// <summary>The prompts, in an order that stays while they do.</summary>
    public abstract ValueTask<IReadOnlyList<Prompt>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Fills a prompt in.</summary>
    /// <param name="name">The prompt.</param>
    /// <param name="arguments">Its arguments; those that are required are there.</param>
    /// <param name="call">The request, for prompts that ask something back.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns><c>null</c> when there is no such prompt.</returns>
    public abstract ValueTask<GetPromptResult?> GetAsync(
        string name, IReadOnlyDictionary<string, string> arguments, McpCall call, CancellationToken cancellationToken);

    /// <summary>Values for an argument, best first.</summary>
    /// <param name="name">The prompt.</param>
    /// <param name="argument">The argument's name.</param>
    /// <param name="typed">What has been typed of it.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public virtual ValueTask<IReadOnlyList<string>> CompleteAsync(
        string name, string argument, string typed, CancellationToken cancellationToken) => new([]);
}
