using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Eval.Comparison;
using AgentKit.Eval.Report;
using AgentKit.Kernel.Errors;
using Spectre.Console;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval compare A B</c>: is one run better than the other, beyond chance?</summary>
internal static class EvalCompareCommand
{
    private const int LeastResamples = 40;

    private static readonly Argument<string> First = new("A") { Description = "The folder of a finished run." };

    private static readonly Argument<string> Second = new("B") { Description = "The folder of another one on the same samples." };

    private static readonly Option<int> Resamples = new(
        "--resamples") { Description = "Resamples of the bootstrap.", HelpName = "n", DefaultValueFactory = _ => 10_000 };

    private static readonly Option<int> Seed = new(
        "--seed") { Description = "Seed of the resampling.", HelpName = "n", DefaultValueFactory = _ => 12345 };

    private static readonly Option<string?> Report = new(
        "--report") { Description = "Write a page with the samples that changed.", HelpName = "file" };

    public static Command Create(CommandHost host) => host.Handle(
        new Command(
            "compare",
            "Compare two runs sample by sample: exact McNemar test or paired bootstrap, Holm's correction over tasks, the least difference that would show.")
        {
            First,
            Second,
            Resamples,
            Seed,
            Report,
        },
        "agentkit eval compare runs/a runs/b --report changed.html --json",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        int resamples = context.Parse.GetValue(Resamples);
        if (resamples < LeastResamples)
            throw new UserInputException(Resamples.Name, $"{Resamples.Name} is {resamples}; {LeastResamples} or more is allowed.");
        string a = Folder(context, First), b = Folder(context, Second);
        IReadOnlyList<TaskComparison> tasks = RunComparison.Compare(a, b, resamples, context.Parse.GetValue(Seed), context.Stop);
        if (context.Parse.GetValue(Report) is { } report) RunReport.WriteComparison(a, b, tasks, Path.GetFullPath(report));
        IReadOnlyList<UncomparedTask> uncompared = RunComparison.Uncompared(a, b);
        context.WriteJson(new EvalCompareJson(tasks, uncompared, a, b, resamples, context.Parse.GetValue(Seed)));
        Print(context, tasks);
        foreach (UncomparedTask task in uncompared) context.Screen.Notice($"{(task.IsFailure ? "error" : "warning")}: {task}");
        return uncompared.Any(task => task.IsFailure) ? ExitCode.Failed : ExitCode.Done;
    }

    private static void Print(CommandContext context, IReadOnlyList<TaskComparison> tasks)
    {
        var table = new Table().Border(TableBorder.None)
            .AddColumns("task", "metric", "n", "A", "B", "B - A", "95 %", "p", "p (Holm)", "detectable");
        foreach (TaskComparison task in tasks)
        {
            table.AddRow([.. new[]
            {
                task.Task, task.Metric, $"{task.N}", Number(
                    task.A), Number(task.B), Number(task.Difference), IntervalText.Of(task.Ci95),
                Number(task.PValue), Number(task.PHolm) + (task.Significant ? " *" : ""), Number(task.MinimumDetectable),
            }.Select(Markup.Escape)]);
        }

        context.Screen.Show(table);
        foreach (TaskComparison task in tasks.Where(task => task.Unpaired > 0))
            context.Screen.Notice($"warning: {task.Task}: {task.Unpaired} samples that only one run has graded are left out.");
    }

    private static string Folder(CommandContext context, Argument<string> argument)
    {
        string path = context.Parse.GetValue(argument)!;
        return Directory.Exists(path)
            ? Path.GetFullPath(path)
            : throw new UserInputException(argument.Name, $"{argument.Name}: there is no folder {path}; the folder of a run is expected.");
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
