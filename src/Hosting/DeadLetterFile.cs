using AgentKit.Kernel.Actors;
using AgentKit.Memory.Journal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentKit.Hosting;

/// <summary>Where the dead letters of a host go: into the journal's file, if there is one.</summary>
internal sealed class DeadLetterFile(IOptions<AgentKitOptions> options, TimeProvider time, ILogger<SqliteDeadLetters> logger) : IAsyncDisposable
{
    private readonly SqliteDeadLetters? _letters = options.Value.Journal is { } path ? new SqliteDeadLetters(path, time, logger) : null;

    public void Add(DeadLetter letter) => _letters?.Add(letter);

    public ValueTask DisposeAsync() => _letters?.DisposeAsync() ?? ValueTask.CompletedTask;
}
