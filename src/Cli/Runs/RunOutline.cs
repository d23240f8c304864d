using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Runs;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary>Prints a run for people: who, what, a line for each step, how it ended or what it waits for.</summary>
internal static class RunOutline
{
    public static void Show(CommandContext context, RunView run)
    {
        string who = Markup.Escape($"{run.Agent} on {run.Model}");
        string parent = run.Parent is { } p ? $"  [grey]forked from {Markup.Escape(p.RunId)} after step {p.Step}[/]" : "";
        context.Screen.ShowLine($"[bold]{Markup.Escape(run.RunId)}[/]  {RunsListJson.Name(run.Status)}  [grey]{who}[/]{parent}");
        context.Screen.ShowLine($"task:   {Markup.Escape(run.Task)}");
        for (int i = 0; i < run.Steps.Count; i++)
        {
            RunStep step = run.Steps[i];
            int calls = run.Steps.Skip(i + 1).TakeWhile(next => next.Kind == RunStepKind.Tool).Count();
            context.Screen.ShowLine(step.Kind == RunStepKind.Model
                ? StepLine.Model(step.N, step.Result ?? "", calls, step.Usage, step.Ms)
                : StepLine.Tool(step));
        }

        foreach (AgentEvent.ContextCompacted c in run.Compactions)
            context.Screen.ShowLine($"[grey]compacted before step {c.Step + 1}: {c.Kind}, {c.TokensBefore} to {c.TokensAfter} tokens[/]");
        if (RunAnswer.Text(run) is { } answer) context.Screen.ShowLine($"answer: {Markup.Escape(answer)}");
        if (run.Error is { } error) context.Screen.ShowLine($"[red]error:[/]  {Markup.Escape(error)}");
        TokenUsage usage = run.Usage;
        context.Screen.ShowLine($"[grey]tokens: {usage.InputTokens} in ({usage.CachedTokens} cached), {usage.OutputTokens} out[/]");
        if (run.ToolTokens is { Count: > 0 } tools) context.Screen.ShowLine($"[grey]tools:  {StepLine.ToolTokens(tools)}[/]");
        if (run.Status is RunStatus.Waiting) ShowWaiting(context, run);
        else if (run.Status is RunStatus.Interrupted) context.Screen.Notice($"To go on: agentkit runs resume {run.RunId}");
    }

    /// <summary>Says what has to be decided, and with which commands.</summary>
    public static void ShowWaiting(CommandContext context, RunView run)
    {
        foreach (WaitingCall call in run.Waiting)
        {
            string arguments = call.Arguments is { } json ? CompactJson.Of(json) : "";
            context.Screen.Notice(call.OutcomeUnknown
                ? $"unknown: {call.Name} {arguments} was interrupted; it may have taken effect."
                : $"waiting: {call.Name} {arguments} needs an approval.");
            context.Screen.Notice($"  agentkit runs approve {run.RunId} {call.CallId}{(call.OutcomeUnknown ? "   (runs it again)" : "")}");
            if (call.OutcomeUnknown) context.Screen.Notice($"  agentkit runs approve {run.RunId} {call.CallId} --result TEXT   (it took effect)");
            context.Screen.Notice($"  agentkit runs reject {run.RunId} {call.CallId}");
        }

        if (run.Waiting.Count == 0) context.Screen.Notice($"To go on: agentkit runs resume {run.RunId}");
    }
}
