using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>Runs one call of one tool and turns what happens into what a client may see.</summary>
internal sealed partial class ToolDispatcher(IReadOnlyList<AIFunction> tools, ILogger logger)
{
    private readonly Dictionary<string, AIFunction> _tools = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    private readonly string _names = string.Join(", ", tools.Select(tool => tool.Name));

    /// <summary>Checks the arguments, calls the tool with the key the client sent, renders its result.</summary>
    /// <exception cref="McpProtocolException">There is no such tool, or the key is no text.</exception>
    public async ValueTask<CallToolResult> CallAsync(CallToolRequestParams request, CancellationToken cancellationToken)
    {
        if (!_tools.TryGetValue(request.Name, out var tool))
            throw new McpProtocolException($"unknown tool '{request.Name}', known: {_names}", McpErrorCode.InvalidParams);
        var arguments = request.Arguments ?? new Dictionary<string, JsonElement>();
        var key = ContractMeta.KeyOf(request.Meta);
        var json = JsonSerializer.SerializeToElement(arguments, McpJsonUtilities.DefaultOptions);
        var faults = ArgumentValidator.Validate(tool.JsonSchema, json);
        if (faults.Count > 0)
            return Failure(string.Join("; ", faults));
        try
        {
            var values = new AIFunctionArguments(arguments.ToDictionary(argument => argument.Key, argument => (object?)argument.Value));
            if (key is not null)
                ToolCallKey.Set(values, key);
            return new CallToolResult { Content = Render(await tool.InvokeAsync(values, cancellationToken)) };
        }
        catch (ToolException e)
        {
            return Failure(e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailure(tool.Name, e);
            return Failure($"tool '{tool.Name}' failed; the server's log says why");
        }
    }

    private static CallToolResult Failure(string message) => new() { IsError = true, Content = [new TextContentBlock { Text = message }] };

    private static List<ContentBlock> Render(object? result) => result switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => [],
        string text => [Text(text)],
        JsonElement { ValueKind: JsonValueKind.String } text => [Text(text.GetString()!)],
        JsonElement json => [Text(json.GetRawText())],
        AIContent content => [content.ToContentBlock()],
        IEnumerable<AIContent> contents => [.. contents.Select(content => content.ToContentBlock())],
        _ => [Text(JsonSerializer.Serialize(result, McpJsonUtilities.DefaultOptions))],
    };

    private static TextContentBlock Text(string text) => new() { Text = text };

    [LoggerMessage(LogLevel.Error, "Tool {Tool} failed.")]
    private partial void LogFailure(string tool, Exception exception);
}
