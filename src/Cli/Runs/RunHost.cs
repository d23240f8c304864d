using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Memory;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Journal;
using AgentKit.Memory.Knowledge;
using AgentKit.Models;
using AgentKit.Tools.Mcp.Hub;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary>The agent of the command line with its model and its tool servers, for one run.</summary>
internal sealed class RunHost : IAsyncDisposable
{
    /// <summary>The agent's name in the journal.</summary>
    public const string AgentName = "agentkit";

    private readonly CommandContext _context;
    private readonly LocalModel _model;
    private readonly McpHub _servers;
    private readonly RunKnowledge? _knowledge;
    private readonly RunMemory? _memory;
    private readonly SqliteDeadLetters _deadLetters;
    private readonly ActorSystem _actors;

    private RunHost(
        CommandContext context, IJournal journal, RunSettings settings, LocalModel model, McpHub servers, RunKnowledge? knowledge, RunMemory? memory)
    {
        (_context, _model, _servers, _knowledge, _memory) = (context, model, servers, knowledge, memory);
        ILogger logger = context.Loggers.CreateLogger<ActorSystem>();
        _deadLetters = new SqliteDeadLetters(context.Data.Journal, context.Time, logger);
        _actors = new ActorSystem(new ActorSystemOptions { TimeProvider = context.Time, Logger = logger, OnDeadLetter = _deadLetters.Add });
        Agent = CreateAgent(settings, journal);
    }

    public Agent Agent { get; }

    /// <param name="context">The command.</param>
    /// <param name="journal">Where the run is kept.</param>
    /// <param name="settings">What it works with.</param>
    /// <param name="passages">What a run that goes on was shown of its knowledge base.</param>
    /// <exception cref="UserInputException">The model, the root folder, the knowledge base or a tool server is not usable.</exception>
    public static async Task<RunHost> OpenAsync(CommandContext context, IJournal journal, RunSettings settings, IEnumerable<Hit> passages)
    {
        if (!Directory.Exists(settings.Root)) throw new UserInputException("--root", $"--root: there is no folder {settings.Root}.");
        context.Model = settings.Model;
        LocalModel? model = null;
        McpHub? servers = null;
        RunKnowledge? knowledge = null;
        RunMemory? memory = null;
        try
        {
            model = ModelOpener.Open(context, settings.Sizes);
            servers = await ToolServers.ConnectAsync(context, settings, ReadLimit(model.Settings.ContextLength));
            if (settings.Knowledge is { } name) knowledge = await RunKnowledge.OpenAsync(context, name, passages, model);
            if (settings.Memory) memory = await RunMemory.OpenAsync(context);
            CheckNames(servers, memory);
            return new RunHost(context, journal, settings, model, servers, knowledge, memory);
        }
        catch
        {
            if (memory is not null) await memory.DisposeAsync();
            knowledge?.Dispose();
            if (servers is not null) await servers.DisposeAsync();
            if (model is not null) await model.DisposeAsync();
            throw;
        }
    }

    /// <summary>Shows a run while it goes on, and how it ends.</summary>
    /// <param name="id">The run.</param>
    /// <param name="events">What happens.</param>
    /// <returns>The run as journaled, <c>null</c> when it left no record; and the exit code.</returns>
    public async Task<(RunView? Run, int ExitCode)> ShowAsync(string id, IAsyncEnumerable<AgentEvent> events)
    {
        string look = $"agentkit runs show {id}";
        _context.Screen.Progress($"[grey]run {id} on {Markup.Escape(_context.Model)}[/]");
        var printer = new RunPrinter(_context, answerIsChecked: _knowledge is not null);
        _memory?.Begin(id);
        bool cancelled = false;
        try
        {
            await foreach (AgentEvent e in events) printer.Show(e);
        }
        catch (OperationCanceledException) when (_context.Stop.IsCancellationRequested)
        {
            cancelled = true;
        }
        catch (UserInputException e) when (e.Field == "runId")
        {
            // Another process has taken the run up since this one looked.
            throw new UserInputException("ID", $"ID: {e.Message}", e);
        }
        catch (UserInputException)
        {
            // What the model refuses in the middle of a run, a prompt beyond its context for example; the steps before it are worth seeing.
            _context.Screen.Progress($"[grey]The run ended early: {look}[/]");
            throw;
        }

        RunView? run = await RunView.LoadAsync(Agent.Journal, id, CancellationToken.None);
        if (run is not null && _memory is not null) await _memory.EndAsync(_actors, Agent.Journal, id);
        if (cancelled)
        {
            string how = $"Stopped. What happened so far: {look}   To go on: agentkit runs resume {id}";
            _context.Screen.Notice(run is null ? "Stopped before it began." : how);
            return (run, ExitCode.Cancelled);
        }

        if (run?.Status == RunStatus.Completed)
        {
            if (_knowledge is not null) RunAnswer.Show(_context, run);
            return (run, ExitCode.Done);
        }

        if (run?.Status == RunStatus.Waiting) RunOutline.ShowWaiting(_context, run);
        else _context.Screen.Notice($"error: {run?.Error ?? "the run left no record"} What happened: {look}");
        return (run, ExitCode.Failed);
    }

    public async ValueTask DisposeAsync()
    {
        await Agent.DisposeAsync();
        await _actors.DisposeAsync();
        await _deadLetters.DisposeAsync();
        if (_memory is not null) await _memory.DisposeAsync();
        await _servers.DisposeAsync();
        _knowledge?.Dispose();
        await _model.DisposeAsync();
    }

    /// <exception cref="UserInputException">A server offers a tool of the same name as one of memory's.</exception>
    private static void CheckNames(McpHub servers, RunMemory? memory)
    {
        if (memory?.Tools.FirstOrDefault(tool => servers.Tools.Any(known => known.Name == tool.Name)) is { } twice)
            throw new UserInputException("--memory", $"--memory: one of the tool servers offers '{twice.Name}' too; names must differ.");
    }

    private Agent CreateAgent(RunSettings settings, IJournal journal)
    {
        var approval = new Approval(_context, settings.Approve);
        ToolPolicy policy = approval.Policy().With(_servers.Rules, settings.Approve);
        if (_memory is not null) policy = RunMemory.Allow(policy);
        return new Agent(_model, new AgentOptions
        {
            Name = AgentName,
            ModelName = Path.GetFileNameWithoutExtension(ModelLocator.Resolve(settings.Model, _context.Data)),
            Tools = [.. _servers.ToolsFor(policy), .. _knowledge is null ? Array.Empty<AIFunction>() : [_knowledge.Tool], .. _memory?.Tools ?? []],
            Instructions = _knowledge is null ? null : RunKnowledge.Instructions,
            Context = new ContextOptions { Sections = _memory is null ? [] : [_memory.Section] },
            Journal = journal,
            ActorSystem = _actors,
            MaxSteps = settings.MaxSteps,
            Policy = policy,
            Approver = approval.DecideAsync,
            Settings = settings.ToDictionary(),
            // Whoever types a task does not expect another one to go on; 'runs resume' takes up what was interrupted.
            RecoverAtStart = false,
            ChatOptions = new ChatOptions { Temperature = 0 },
            TimeProvider = _context.Time,
            Logger = _context.Loggers.CreateLogger<Agent>(),
        });
    }

    /// <summary>Ordinary text has about three bytes a token: as many bytes as the context has tokens take a third of it.</summary>
    private static int ReadLimit(int contextLength) => Math.Clamp(contextLength, 1024, 64 * 1024);
}
