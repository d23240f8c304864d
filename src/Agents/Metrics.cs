using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentKit.Kernel;
using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>Metrics with the names of the OpenTelemetry GenAI conventions; durations in seconds.</summary>
internal static class Metrics
{
    private static readonly Histogram<long> TokenUsage = Telemetry.Meter.CreateHistogram<long>(
        "gen_ai.client.token.usage", "{token}", "Tokens of one model call.");

    private static readonly Histogram<double> OperationDuration = Telemetry.Meter.CreateHistogram<double>(
        "gen_ai.client.operation.duration", "s", "Time of one model call.");

    private static readonly Histogram<double> ExecuteToolDuration = Telemetry.Meter.CreateHistogram<double>(
        "gen_ai.execute_tool.duration", "s", "Time of one tool call.");

    private static readonly Histogram<double> InvokeAgentDuration = Telemetry.Meter.CreateHistogram<double>(
        "gen_ai.invoke_agent.duration", "s", "Time an agent worked on a run without a stop.");

    public static void ModelCall(string provider, string model, TimeSpan took, TokenUsage usage)
    {
        TagList tags = [new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", provider), new("gen_ai.request.model", model)];
        OperationDuration.Record(took.TotalSeconds, tags);
        if (!TokenUsage.Enabled) return;
        TokenUsage.Record(usage.InputTokens, [.. tags, new("gen_ai.token.type", "input")]);
        TokenUsage.Record(usage.OutputTokens, [.. tags, new("gen_ai.token.type", "output")]);
    }

    public static void ToolDuration(string tool, TimeSpan took, bool failed)
    {
        TagList tags = [new("gen_ai.operation.name", "execute_tool"), new("gen_ai.tool.name", tool)];
        if (failed) tags.Add("error.type", "tool_error");
        ExecuteToolDuration.Record(took.TotalSeconds, tags);
    }

    public static void AgentDuration(string agent, TimeSpan took, string? failure)
    {
        TagList tags = [new("gen_ai.operation.name", "invoke_agent"), new("gen_ai.agent.name", agent)];
        if (failure is not null) tags.Add("error.type", failure);
        InvokeAgentDuration.Record(took.TotalSeconds, tags);
    }
}
