using AgentKit.Cli.Index;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Cli;

public sealed class FileChangesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WaitAsync_WhileItIsNeverQuiet_ReturnsAfterSomeSeconds()
    {
        using var changes = new FileChanges([], _time);
        changes.Note();
        Task waiting = changes.WaitAsync(CancellationToken.None);
        for (int i = 0; i < 100 && !waiting.IsCompleted; i++)
        {
            await Task.WhenAny(_time.TimerSetAsync(), waiting).WaitAsync(Patience);
            changes.Note();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task WaitAsync_WhereTheSystemReportsNothing_LooksEveryFewSeconds()
    {
        using var changes = new FileChanges([_folder.Path], _time);
        changes.Lose(new IOException("The limit of inotify instances has been reached."));
        Assert.Contains("inotify", changes.Blindness, StringComparison.Ordinal);
        for (int round = 0; round < 3; round++)
        {
            Task waiting = changes.WaitAsync(CancellationToken.None);
            while (!waiting.IsCompleted)
            {
                await Task.WhenAny(_time.TimerSetAsync(), waiting).WaitAsync(Patience);
                _time.Advance(TimeSpan.FromSeconds(6));
            }
        }
    }

    [Fact]
    public void Lose_SomeChanges_DoesNotMakeBlind()
    {
        using var changes = new FileChanges([_folder.Path], _time);
        changes.Lose(new InternalBufferOverflowException());
        Assert.Null(changes.Blindness);
    }
}
