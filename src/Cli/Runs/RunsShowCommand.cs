using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs show ID</c>: what happened in a run, read from the journal.</summary>
internal static class RunsShowCommand
{
    private static readonly Argument<string> Id = new("ID")
    {
        Description = "The run's id, as printed by 'run' and 'runs list'; a unique beginning is enough.",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("show", "Show what happened in a run, also when its process was killed.") { Id },
        "agentkit runs show 20261105-142530-k3f9x2",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        RunView run = await LoadAsync(context, context.Parse.GetValue(Id)!);
        context.WriteJson(run.ToDocument());
        Show(context, run);
        return ExitCode.Done;
    }

    private static async Task<RunView> LoadAsync(CommandContext context, string id)
    {
        if (!File.Exists(context.Data.Journal))
            throw new UserInputException("ID", $"ID: there is no run '{id}'; {context.Data.Path} has no journal yet.");
        await using SqliteJournal journal = SqliteJournal.Open(context.Data.Journal);
        if (await RunView.LoadAsync(journal, id, context.Stop) is { } exact) return exact;

        List<string> near = [];
        await foreach (RunSummary run in journal.ListAsync(context.Stop))
            if (id.Length > 0 && run.RunId.StartsWith(id, StringComparison.Ordinal)) near.Add(run.RunId);
        return near.Count == 1
            ? (await RunView.LoadAsync(journal, near[0], context.Stop))!
            : throw new UserInputException("ID", near.Count == 0
                ? $"ID: there is no run '{id}' in {context.Data.Journal}; 'agentkit runs list' lists them."
                : $"ID: '{id}' is the beginning of {near.Count} runs: {string.Join(", ", near.Take(5))}.");
    }

    private static void Show(CommandContext context, RunView run)
    {
        string who = Markup.Escape($"{run.Agent} on {run.Model}");
        context.Screen.ShowLine($"[bold]{Markup.Escape(run.RunId)}[/]  {RunsListJson.Name(run.Status)}  [grey]{who}[/]");
        context.Screen.ShowLine($"task:   {Markup.Escape(run.Task)}");
        for (int i = 0; i < run.Steps.Count; i++)
        {
            RunStep step = run.Steps[i];
            int calls = run.Steps.Skip(i + 1).TakeWhile(next => next.Kind == RunStepKind.Tool).Count();
            context.Screen.ShowLine(step.Kind == RunStepKind.Model
                ? StepLine.Model(step.N, step.Result ?? "", calls, null, step.Ms)
                : StepLine.Tool(step.N, step.Name ?? "", step.Arguments, step.Result, step.Error, step.Ms));
        }

        if (run.Answer is { } answer) context.Screen.ShowLine($"answer: {Markup.Escape(answer)}");
        if (run.Error is { } error) context.Screen.ShowLine($"[red]error:[/]  {Markup.Escape(error)}");
        TokenUsage usage = run.Usage;
        context.Screen.ShowLine($"[grey]tokens: {usage.InputTokens} in ({usage.CachedTokens} cached), {usage.OutputTokens} out[/]");
    }
}
