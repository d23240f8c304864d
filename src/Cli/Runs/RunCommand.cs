using System.CommandLine;
using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Index;
using AgentKit.Cli.Mcp;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit run TASK</c>: an agent works on a task; what it does is shown and journaled.</summary>
internal static class RunCommand
{
    private const int MostSteps = 200;

    private static readonly Argument<string> Task = new("TASK") { Description = "What the agent is to do." };

    private static readonly Option<string[]> Tools = new("--tools")
    {
        Description = "Further MCP servers: a command that starts one, an http(s) address, or a name in agentkit.json. "
            + "Their tools bear the server's name. The built-in tools are always there.",
        HelpName = "server",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Knowledge = new("--knowledge")
    {
        Description = "A knowledge base made by 'index add', which the agent may search. The citations of its answer are checked; "
            + "those that do not hold are taken out.",
        HelpName = "name",
    };

    private static readonly Option<string?> Config = ServerLookup.Option();

    private static readonly Option<string> Root = RootFolder.Option();

    private static readonly Option<int> MaxSteps = new("--max-steps")
    {
        Description = "How often the model is asked at most.",
        HelpName = "n",
        DefaultValueFactory = _ => new AgentOptions().MaxSteps,
    };

    private static readonly Option<bool> Memory = new("--memory")
    {
        Description = "Give the agent its memory: the tools remember, recall and forget, and core memory in the prompt (see 'agentkit memory').",
    };

    private static readonly Option<string?> Approve = new("--approve")
    {
        Description = "Tools that change something: run them (auto), ask before each call (ask; without a terminal the run waits for "
            + "'runs approve'), or refuse them (never). [default: ask on a terminal, else never]",
        HelpName = "auto|ask|never",
        CompletionSources = { "auto", "ask", "never" },
    };

    private static readonly ToolSwitches Switches = new();

    public static Command Create(CommandHost host)
    {
        var command = new Command("run", "Let an agent work on a task with tools.")
        {
            Task, Tools, Config, Knowledge, Memory, Root, MaxSteps, Approve, ModelOptions.Context, ModelOptions.Threads, ModelOptions.Kv,
        };
        Switches.AddTo(command);
        return host.Handle(command, "agentkit run \"What is 347 plus 518?\"", RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        string task = context.Parse.GetValue(Task) ?? "";
        if (string.IsNullOrWhiteSpace(task)) throw new UserInputException("TASK", "TASK is empty; say what the agent is to do.");
        int steps = context.Parse.GetValue(MaxSteps);
        if (steps is < 1 or > MostSteps)
            throw new UserInputException("--max-steps", $"--max-steps is {steps}; 1 to {MostSteps} is allowed.");
        ApprovalMode approve = ReadApproval(context, context.Parse.GetValue(Approve));
        string root = RootFolder.Read(context, Root);
        string[] tools = context.Parse.GetValue(Tools) ?? [];
        var lookup = new ServerLookup(context, context.Parse.GetValue(Config));
        lookup.FindAll(tools, "--tools");
        ModelLocator.Resolve(context.Model, context.Data);
        if (context.Parse.GetValue(Knowledge) is { } knowledge) KnowledgeName.Existing(context, knowledge, Knowledge.Name);

        await using SqliteJournal journal = SqliteJournal.Open(context.Data.Ensure().Journal, context.Time);
        await SayInterruptedAsync(context, journal);
        var settings = new RunSettings(
            context.Model, root, tools, steps, approve, ModelOptions.Read(context), Switches.ToArguments(context), lookup.File?.Path,
            context.Parse.GetValue(Knowledge), context.Parse.GetValue(Memory));
        await using RunHost host = await RunHost.OpenAsync(context, journal, settings, []);
        string id = host.Agent.NewRunId();
        (RunView? run, int exitCode) = await host.ShowAsync(id, host.Agent.RunStreamingAsync(task, id, context.Stop));
        if (run is not null) context.WriteJson(run.ToDocument());
        return exitCode;
    }

    private static async Task SayInterruptedAsync(CommandContext context, SqliteJournal journal)
    {
        int count = (await RunsResumeCommand.InterruptedAsync(journal, context.Stop)).Count;
        if (count > 0) context.Screen.Progress($"[yellow]note:[/] {count} interrupted run{(count == 1 ? "" : "s")}; to go on: agentkit runs resume");
    }

    private static ApprovalMode ReadApproval(CommandContext context, string? value) => value switch
    {
        "auto" => ApprovalMode.Auto,
        "ask" => ApprovalMode.Ask,
        "never" => ApprovalMode.Never,
        null => Approval.CanAsk(context) ? ApprovalMode.Ask : ApprovalMode.Never,
        _ => throw new UserInputException("--approve", $"--approve is '{value}'; auto, ask or never is allowed."),
    };
}
