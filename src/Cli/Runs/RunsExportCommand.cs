using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs export ID</c>: a run as one JSON document.</summary>
internal static class RunsExportCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument();

    private static readonly Option<string?> Out = new("--out") { Description = "The file; standard output without it.", HelpName = "file" };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("export", "Write a run as one JSON document, for another journal to import.") { Id, Out },
        "agentkit runs export 20261105-142530-k3f9x2 --out run.json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        var document = RunFile.Write(await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!));
        if (context.Parse.GetValue(Out) is not { } path)
        {
            JsonOutput.Write(context.Terminal.Out, document);
            return ExitCode.Done;
        }

        try
        {
            string temporary = $"{path}.{Environment.ProcessId}.tmp";
            await using (var file = new StreamWriter(temporary)) JsonOutput.Write(file, document);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("--out", $"--out: {path} cannot be written ({e.Message})", e);
        }

        context.WriteJson(new System.Text.Json.Nodes.JsonObject { ["run_id"] = (string?)document["run_id"], ["out"] = Path.GetFullPath(path) });
        return ExitCode.Done;
    }
}
