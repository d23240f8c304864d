using System.Diagnostics;
using AgentKit.Kernel;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>Spans with the names and attributes of the OpenTelemetry GenAI conventions.</summary>
internal static class Spans
{
    public static Activity? InvokeAgent(string agent, string provider, string model, string runId) =>
        Telemetry.Source.StartActivity($"invoke_agent {agent}")
            ?.SetTag("gen_ai.operation.name", "invoke_agent")
            .SetTag("gen_ai.provider.name", provider)
            .SetTag("gen_ai.agent.name", agent)
            .SetTag("gen_ai.request.model", model)
            .SetTag("gen_ai.conversation.id", runId);

    public static Activity? Chat(string provider, string model, ChatOptions? options) =>
        Telemetry.Source.StartActivity($"chat {model}", ActivityKind.Client)
            ?.SetTag("gen_ai.operation.name", "chat")
            .SetTag("gen_ai.provider.name", provider)
            .SetTag("gen_ai.request.model", model)
            .SetTag("gen_ai.request.temperature", options?.Temperature)
            .SetTag("gen_ai.request.max_tokens", options?.MaxOutputTokens);

    public static Activity? ExecuteTool(string tool, string description, string callId) =>
        Telemetry.Source.StartActivity($"execute_tool {tool}")
            ?.SetTag("gen_ai.operation.name", "execute_tool")
            .SetTag("gen_ai.tool.name", tool)
            .SetTag("gen_ai.tool.description", description)
            .SetTag("gen_ai.tool.type", "function")
            .SetTag("gen_ai.tool.call.id", callId);

    /// <summary>Records what a run or a model call has used, and its failure if it ended with one.</summary>
    public static void End(Activity? span, TokenUsage usage, string? error, string? finishReason = null)
    {
        if (span is null) return;
        span.SetTag("gen_ai.usage.input_tokens", usage.InputTokens).SetTag("gen_ai.usage.output_tokens", usage.OutputTokens);
        if (usage.CachedTokens > 0) span.SetTag("gen_ai.usage.cache_read.input_tokens", usage.CachedTokens);
        if (finishReason is not null) span.SetTag("gen_ai.response.finish_reasons", new[] { finishReason });
        if (error is not null) span.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
    }

    public static void Fail(Activity? span, Exception error) =>
        span?.SetTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error, error.Message);
}
