using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Runs;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Facts;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Memory;

/// <summary>Memory for a run: the tools, core memory as a section of the context, and facts made of the run when it is over.</summary>
internal sealed class RunMemory : IAsyncDisposable
{
    private const int Priority = 100;

    /// <summary>So many runs before one are looked at again.</summary>
    private const int RunsBefore = 20;

    private readonly MemoryHost _host;
    private string? _runId;

    private RunMemory(MemoryHost host)
    {
        _host = host;
        Tools = FactTools.Create(host.Facts, MemoryHost.Scope, () => _runId);
    }

    public IReadOnlyList<AIFunction> Tools { get; }

    /// <summary>Core memory; left away when there is none.</summary>
    public ContextSection Section => new("memory", Priority, async (_, stop) =>
        string.Join('\n', (await _host.Facts.CoreAsync(MemoryHost.Scope, stop)).Select(block => $"{block.Name}: {block.Text}")));

    public static async Task<RunMemory> OpenAsync(CommandContext context) => new(await MemoryHost.OpenAsync(context, address: null));

    /// <summary>The policy, with leave to remember: whoever gives an agent its memory wants it to be written. The user's own rules come first.</summary>
    public static ToolPolicy Allow(ToolPolicy policy) =>
        policy with { Rules = [.. policy.Rules, new ToolRule(ToolRule.BuiltIn, "remember", ApprovalAnswer.Allow)] };

    /// <summary>Says which run is at work.</summary>
    public void Begin(string runId) => _runId = runId;

    /// <summary>
    /// Makes facts of the run in the background, and of runs before it whose process did not get to it; <see cref="ActorSystem"/> finishes it before it closes.
    /// </summary>
    public async Task EndAsync(ActorSystem actors, IJournal journal, string runId)
    {
        actors.TryRegister(FactConsolidation.Kind, _ => new FactConsolidation(_host.Facts, journal));
        var consolidation = new ActorId(FactConsolidation.Kind, "local");
        actors.Tell(consolidation, new ConsolidateRun(MemoryHost.Scope, runId));
        await foreach (string before in RunsWithMemoryAsync(journal, runId)) actors.Tell(consolidation, new ConsolidateRun(MemoryHost.Scope, before));
    }

    /// <summary>The last runs that have ended and had this memory, without one.</summary>
    public static async IAsyncEnumerable<string> RunsWithMemoryAsync(IJournal journal, string except)
    {
        await foreach (RunSummary run in journal.ListAsync().Take(RunsBefore))
        {
            if (run.Status != RunStatus.Completed || run.RunId == except) continue;
            JournalRecord? first = await journal.ReadAsync(run.RunId).FirstOrDefaultAsync();
            if (first?.Event is AgentEvent.RunStarted { Settings: { } settings } && RunSettings.HasMemory(settings)) yield return run.RunId;
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
