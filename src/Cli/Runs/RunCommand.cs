using System.CommandLine;
using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Mcp;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using AgentKit.Models;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit run TASK</c>: an agent works on a task; what it does is shown and journaled.</summary>
internal static class RunCommand
{
    private const int MostSteps = 200;

    private static readonly Argument<string> Task = new("TASK") { Description = "What the agent is to do." };

    private static readonly Option<string[]> Tools = new("--tools")
    {
        Description = "Further MCP servers: a command that starts one, or an http(s) address. The built-in tools are always there.",
        HelpName = "server",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Root = RootFolder.Option();

    private static readonly Option<int> MaxSteps = new("--max-steps")
    {
        Description = "How often the model is asked at most.",
        HelpName = "n",
        DefaultValueFactory = _ => new AgentOptions().MaxSteps,
    };

    private static readonly Option<string> Approve = new("--approve")
    {
        Description = "Tools that change something: run them (auto), ask before each call (ask), or refuse them (never).",
        HelpName = "auto|ask|never",
        DefaultValueFactory = _ => "ask",
        CompletionSources = { "auto", "ask", "never" },
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("run", "Let an agent work on a task with tools.") { Task, Tools, Root, MaxSteps, Approve, ModelOptions.Context, ModelOptions.Threads, ModelOptions.Kv },
        "agentkit run \"What is 347 plus 518?\"",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string task = context.Parse.GetValue(Task) ?? "";
        if (string.IsNullOrWhiteSpace(task)) throw new UserInputException("TASK", "TASK is empty; say what the agent is to do.");
        int steps = context.Parse.GetValue(MaxSteps);
        if (steps is < 1 or > MostSteps)
            throw new UserInputException("--max-steps", $"--max-steps is {steps}; 1 to {MostSteps} is allowed.");
        ApprovalMode approve = ReadApproval(context.Parse.GetValue(Approve));
        string root = RootFolder.Read(context, Root);
        McpServerSpec[] others = [.. (context.Parse.GetValue(Tools) ?? []).Select(server => McpServerSpec.Parse(server, "--tools"))];
        ModelLocator.Resolve(context.Model, context.Data);
        string journalPath = context.Data.Ensure().Journal;

        await using LocalModel model = ModelOpener.Open(context);
        McpServerSpec own = SelfServer.Spec(root, ReadLimit(model.Settings.ContextLength), Environment.ProcessPath);
        await using ToolServers servers = await ToolServers.ConnectAsync(context, [own, .. others]);
        await using SqliteJournal journal = SqliteJournal.Open(journalPath, context.Time);
        var approval = new Approval(context, approve);
        await using var agent = new Agent(model, new AgentOptions
        {
            Name = "agentkit",
            ModelName = Path.GetFileNameWithoutExtension(ModelLocator.Resolve(context.Model, context.Data)),
            Tools = [.. servers.Tools.Select(approval.Guard)],
            Journal = journal,
            MaxSteps = steps,
            ChatOptions = new ChatOptions { Temperature = 0 },
            TimeProvider = context.Time,
            Logger = context.Loggers.CreateLogger<Agent>(),
        });
        return await WorkAsync(context, agent, task);
    }

    /// <summary>Ordinary text has about three bytes a token: as many bytes as the context has tokens take a third of it.</summary>
    private static int ReadLimit(int contextLength) => Math.Clamp(contextLength, 1024, 64 * 1024);

    private static ApprovalMode ReadApproval(string? value) => value switch
    {
        "auto" => ApprovalMode.Auto,
        "ask" => ApprovalMode.Ask,
        "never" => ApprovalMode.Never,
        _ => throw new UserInputException("--approve", $"--approve is '{value}'; auto, ask or never is allowed."),
    };

    private static async Task<int> WorkAsync(CommandContext context, Agent agent, string task)
    {
        string id = agent.NewRunId();
        string look = $"agentkit runs show {id}";
        context.Screen.Progress($"[grey]run {id} on {Markup.Escape(context.Model)}[/]");
        var printer = new RunPrinter(context);
        bool cancelled = false;
        try
        {
            await foreach (AgentEvent e in agent.RunStreamingAsync(task, id, context.Stop)) printer.Show(e);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            cancelled = true;
        }
        catch (UserInputException)
        {
            // What the model refuses in the middle of a run, a prompt beyond its context for example; the steps before it are worth seeing.
            context.Screen.Progress($"[grey]The run ended early: {look}[/]");
            throw;
        }

        RunView? run = await RunView.LoadAsync(agent.Journal, id, CancellationToken.None);
        if (run is not null) context.WriteJson(run.ToDocument());
        if (cancelled)
        {
            context.Screen.Notice(run is null ? "Stopped before it began." : $"Stopped. What happened so far: {look}");
            return ExitCode.Cancelled;
        }

        if (run?.Status == RunStatus.Completed) return ExitCode.Done;
        context.Screen.Notice($"error: {run?.Error ?? "the run left no record"} What happened: {look}");
        return ExitCode.Failed;
    }
}
