using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Eval.Tasks;
using Spectre.Console;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval list</c>: the tasks.</summary>
internal static class EvalListCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command(
            "list", "The tasks that 'eval run' knows: what each asks, its version, its files below the dataset directory.") { DatasetOptions.Directory },
        "agentkit eval list --datasets ~/datasets",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        TaskData data = DatasetOptions.Read(context, samples: false);
        EvalListJson document = new(
            [.. TaskCatalog.All.Select(task => new EvalListJson.Item(
                task.Name, task.Version, task.Kind, task.Metric, task.Shots, task.Description, task.Files, DatasetOptions.Has(
                    data, task), task.Changes))]);
        context.WriteJson(document);
        var table = new Table().Border(TableBorder.None).AddColumns("task", "v", "metric", "shots", "data", "what it asks");
        foreach (EvalListJson.Item task in document.Tasks)
            table.AddRow([.. new[] { task.Task, $"{task.Version}", task.Metric, $"{task.Shots}", task.Available
                ? "here" : "missing", task.Description }.Select(Markup.Escape)]);
        context.Screen.Show(table);
        return ExitCode.Done;
    }
}
