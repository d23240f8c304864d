using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Runs;
using AgentKit.Memory.Journal;
using AgentKit.Server.Offers;

namespace AgentKit.Cli.Serve;

/// <summary>The agent that MCP clients may ask. Its model is loaded when the first of them does.</summary>
internal sealed class ServedAgent : IAsyncDisposable
{
    private readonly CommandContext _context;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly RunSettings _settings;
    private RunHost? _host;

    public ServedAgent(CommandContext context, SqliteJournal journal, string root, IReadOnlyList<string> tools)
    {
        _context = context;
        Journal = journal;
        // Nobody sits at this terminal: what needs consent waits, and the client is asked.
        _settings = new RunSettings(context.Model, root, tools, new AgentOptions().MaxSteps, ApprovalMode.Ask, ModelOptions.Read(context));
        ModelLocator.Resolve(context.Model, context.Data);
    }

    public SqliteJournal Journal { get; }

    /// <summary>The offer.</summary>
    /// <param name="key">Signs the ids of tasks.</param>
    public AgentOffer Offer(byte[] key) => new(OpenAsync, Journal, key) { MayChange = _settings.Tools.Count > 0 };

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _opening.Dispose();
    }

    private async ValueTask<Agent> OpenAsync(CancellationToken cancellationToken)
    {
        if (_host is { } open) return open.Agent;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return (_host ??= await RunHost.OpenAsync(_context, Journal, _settings, [])).Agent;
        }
        finally
        {
            _opening.Release();
        }
    }
}
