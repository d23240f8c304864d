using System.Threading.Channels;

namespace AgentKit.Cli.Index;

/// <summary>
/// Says when something has changed below paths. A change is waited out until it is quiet for a moment; where the system reports none, or loses some,
/// everything is due for another look after a while.
/// </summary>
internal sealed class FileChanges : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public FileChanges(IEnumerable<string> paths, TimeProvider time)
    {
        _time = time;
        foreach (string path in paths.Select(Path.GetFullPath))
        {
            bool isFolder = Directory.Exists(path);
            string folder = isFolder ? path : Path.GetDirectoryName(path)!;
            if (!Directory.Exists(folder)) continue;
            var watcher = isFolder ? new FileSystemWatcher(folder) { IncludeSubdirectories = true } : new FileSystemWatcher(folder, Path.GetFileName(path));
            _watchers.Add(watcher);
            watcher.Changed += (_, _) => _changes.Writer.TryWrite(true);
            watcher.Created += (_, _) => _changes.Writer.TryWrite(true);
            watcher.Deleted += (_, _) => _changes.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _changes.Writer.TryWrite(true);
            watcher.Error += (_, _) => _changes.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
        }
    }

    /// <summary>Returns when something has changed since the last time and is quiet now.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (bool changed = await NextAsync(Longest, cancellationToken); changed;) changed = await NextAsync(Quiet, cancellationToken);
    }

    public void Dispose() => _watchers.ForEach(watcher => watcher.Dispose());

    /// <returns>Whether something changed within a time.</returns>
    private async Task<bool> NextAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
