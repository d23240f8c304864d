using System.CommandLine;
using System.Text.Json.Nodes;
using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs replay ID</c>: goes through a run once more with its recorded answers.</summary>
internal static class RunsReplayCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument();

    private static readonly Option<int?> Step = new("--step")
    {
        Description = "Only show what the model was shown for this model step, message by message.",
        HelpName = "n",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("replay", "Go through a run with its recorded answers: no model is asked, no tool is run.") { Id, Step },
        "agentkit runs replay 20261105-142530-k3f9x2 --step 3",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!);
        if (context.Parse.GetValue(Step) is { } step) return ShowContext(context, records, step);

        RunView run = RunView.From(records);
        bool isChecked = RunAnswer.Check(run) is not null;
        var printer = new RunPrinter(context, isChecked);
        RunDiff diff = await RunReplay.RunAsync(records, e => Show(printer, e), context.Stop);
        if (isChecked) RunAnswer.Show(context, run);
        JsonObject document = run.ToDocument();
        document["replay"] = new JsonObject { ["steps"] = diff.Steps.Count, ["first_difference"] = diff.FirstDifference };
        context.WriteJson(document);
        if (diff.FirstDifference is not { } different) return ExitCode.Done;
        context.Screen.Notice($"error: this version of agentkit goes another way than the record from step {different} on.");
        return ExitCode.Failed;
    }

    /// <summary>What the loop makes of the end of a record is not part of it.</summary>
    private static void Show(RunPrinter printer, AgentEvent e)
    {
        if (e is not AgentEvent.RunFinished { Status: RunStatus.Failed }) printer.Show(e);
    }

    private static int ShowContext(CommandContext context, IReadOnlyList<JournalRecord> records, int step)
    {
        IReadOnlyList<ChatMessage> messages = RunReplay.ContextOf(records, step)
            ?? throw new UserInputException("--step", $"--step: step {step} of run {records[0].RunId} is not a model step.");
        var shown = new JsonArray();
        foreach (ChatMessage message in messages)
        {
            string text = string.Join('\n', message.Contents.Select(Text));
            shown.Add((JsonNode)new JsonObject { ["role"] = message.Role.Value, ["text"] = text });
            context.Screen.ShowLine($"[bold]{message.Role.Value}[/]  {Markup.Escape(text)}");
        }

        context.WriteJson(new JsonObject { ["run_id"] = records[0].RunId, ["step"] = step, ["messages"] = shown });
        return ExitCode.Done;
    }

    private static string Text(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => $"(thinks) {reasoning.Text}",
        FunctionCallContent call => $"(calls) {call.Name} {CompactJson.Of(call.Arguments ?? new Dictionary<string, object?>())}",
        FunctionResultContent result => $"{result.Result}",
        _ => $"({content.GetType().Name})",
    };
}
