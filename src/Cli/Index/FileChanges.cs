using System.Threading.Channels;

namespace AgentKit.Cli.Index;

/// <summary>
/// Says when something has changed below paths. A change is waited out until it is quiet for a moment, but not for long; where the system reports none, or
/// loses some, everything is due for another look after a while.
/// </summary>
internal sealed class FileChanges : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestUnrest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Where the system has no room to report changes.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile bool _isBlind;

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
            watcher.Changed += (_, _) => Note();
            watcher.Created += (_, _) => Note();
            watcher.Deleted += (_, _) => Note();
            watcher.Renamed += (_, _) => Note();
            watcher.Error += (_, e) => Lose(e.GetException());
            try
            {
                watcher.EnableRaisingEvents = true;
            }
            catch (IOException e)
            {
                Lose(e);
            }
        }
    }

    /// <summary>Why changes are looked for instead of being reported: the system watches only so many folders. <c>null</c> when they are reported.</summary>
    public string? Blindness { get; private set; }

    /// <summary>Something has changed.</summary>
    public void Note() => _changes.Writer.TryWrite(true);

    /// <summary>The system does not report changes, or has lost some.</summary>
    public void Lose(Exception fault)
    {
        if (fault is not InternalBufferOverflowException) (Blindness, _isBlind) = (fault.Message, true);
        Note();
    }

    /// <summary>Returns when something has changed since the last time and is quiet now.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (!await NextAsync(_isBlind ? BetweenLooks : Longest, cancellationToken)) return;
        long began = _time.GetTimestamp();
        for (TimeSpan left = LongestUnrest; left > TimeSpan.Zero; left = LongestUnrest - _time.GetElapsedTime(began))
        {
            if (!await NextAsync(left < Quiet ? left : Quiet, cancellationToken)) return;
        }
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
