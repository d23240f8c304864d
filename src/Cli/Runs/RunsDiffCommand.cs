using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs diff A B</c>: where two runs part, and what each cost.</summary>
internal static class RunsDiffCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument("A");

    private static readonly Argument<string> Other = RunLookup.Argument("B");

    public static Command Create(CommandHost host) => host.Handle(
        new Command("diff", "Compare two runs: aligned steps, the first difference, totals.") { Id, Other },
        "agentkit runs diff 20261105-142530-k3f9x2 20261105-150211-8ha2qd",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        RunView a = RunView.From(await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!, "A"));
        RunView b = RunView.From(await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Other)!, "B"));
        RunDiff diff = RunDiff.Of(a, b);
        context.WriteJson(diff.ToJson());
        foreach (RunDiffStep step in diff.Steps)
        {
            if (step is { Same: true, A: { } both }) Show(context, " ", both);
            if (step is { Same: false, A: { } left }) Show(context, "[red]-[/]", left);
            if (step is { Same: false, B: { } right }) Show(context, "[green]+[/]", right);
        }

        string where = diff.FirstDifference is { } first ? $"first difference at step {first}" : "no difference";
        context.Screen.ShowLine($"{where}; {Totals("A", a, diff.UsageA, diff.MsA)}; {Totals("B", b, diff.UsageB, diff.MsB)}");
        return ExitCode.Done;
    }

    private static void Show(CommandContext context, string mark, RunStep step) => context.Screen.ShowLine(
        mark + (step.Kind is RunStepKind.Model ? StepLine.Model(step.N, step.Result ?? "", 0, step.Usage, step.Ms) : StepLine.Tool(step)));

    private static string Totals(string name, RunView run, TokenUsage usage, double milliseconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name} {RunsListJson.Name(run.Status)}, {usage.InputTokens} tokens in, {usage.OutputTokens} out, {milliseconds:0} ms");
}
