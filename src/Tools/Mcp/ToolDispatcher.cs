using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp;

/// <summary>Runs one call of one tool and turns what happens into what a client may see.</summary>
internal sealed partial class ToolDispatcher(IReadOnlyList<AIFunction> tools, RequestStates states, ILogger logger)
{
    private readonly Dictionary<string, AIFunction> _tools = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    private readonly string _names = string.Join(", ", tools.Select(tool => tool.Name));

    /// <summary>Checks the arguments, calls the tool with the key the client sent or starts a task, renders its result.</summary>
    /// <exception cref="McpProtocolException">There is no such tool, or the key or the carried state is not usable.</exception>
    public async ValueTask<ResultOrAlternate<CallToolResult>> CallAsync(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        CallToolRequestParams asked = request.Params!;
        if (!_tools.TryGetValue(asked.Name, out var tool))
            throw new McpProtocolException($"unknown tool '{asked.Name}', known: {_names}", McpErrorCode.InvalidParams);
        var arguments = new Dictionary<string, JsonElement>(asked.Arguments ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        var key = ContractMeta.KeyOf(asked.Meta);
        var json = JsonSerializer.SerializeToElement((IDictionary<string, JsonElement>)arguments, McpJsonUtilities.DefaultOptions);
        var faults = ArgumentValidator.Validate(tool.JsonSchema, json);
        if (faults.Count > 0)
            return Failure(string.Join("; ", faults));
        var call = McpCall.Of(request, tool.Name, json.GetRawText(), states);
        McpToolInfo info = McpToolInfo.Of(tool);
        if (info.Tasks is not null && TaskMethods.IsKnownTo(call.Capabilities))
            return await StartAsync(tool, info, arguments, call, cancellationToken).ConfigureAwait(false);
        if (info.NeedsTasks) throw TaskMethods.Missing();
        return await InvokeAsync(tool, arguments, key, call, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ResultOrAlternate<CallToolResult>> StartAsync(
        AIFunction tool, McpToolInfo info, Dictionary<string, JsonElement> arguments, McpCall call, CancellationToken cancellationToken)
    {
        info.BeforeTask?.Invoke(call);
        McpTasks tasks = info.Tasks!;
        ClientCapabilities? capabilities = call.Capabilities;
        string? user = call.User;
        try
        {
            var start = new McpTaskStart(
                arguments, user, call.Answers, (round, stop) => InvokeAsync(tool, arguments, null, McpCall.Of(round, user, capabilities), stop));
            return TaskMethods.Created(await tasks.StartAsync(start, cancellationToken).ConfigureAwait(false), tasks.PollInterval);
        }
        catch (ToolException e)
        {
            return Failure(e.Message);
        }
    }

    private async ValueTask<CallToolResult> InvokeAsync(
        AIFunction tool, Dictionary<string, JsonElement> arguments, string? key, McpCall call, CancellationToken cancellationToken)
    {
        try
        {
            var values = new AIFunctionArguments(arguments.ToDictionary(argument => argument.Key, argument => (object?)argument.Value))
            {
                Context = new Dictionary<object, object?> { [typeof(McpCall)] = call },
            };
            if (key is not null)
                ToolCallKey.Set(values, key);
            return ToolResultMap.Render(tool, await tool.InvokeAsync(values, cancellationToken).ConfigureAwait(false));
        }
        catch (ToolException e)
        {
            return Failure(e.Message);
        }
        catch (Exception e) when (!IsProtocol(e) && (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested))
        {
            LogFailure(tool.Name, e);
            return Failure($"tool '{tool.Name}' failed; the server's log says why");
        }
    }

    /// <summary>What a tool throws to speak to the client rather than to its model.</summary>
    private static bool IsProtocol(Exception e) => e is McpProtocolException or InputRequiredException;

    private static CallToolResult Failure(string message) => new() { IsError = true, Content = [new TextContentBlock { Text = message }] };

    [LoggerMessage(LogLevel.Error, "Tool {Tool} failed.")]
    private partial void LogFailure(string tool, Exception exception);
}
