namespace AgentKit.Bench;

/// <summary>A folder of its own for one measurement, in the current directory, because temporary folders may lie in memory.</summary>
internal sealed class BenchFolder : IDisposable
{
    private readonly string _path = Directory.CreateDirectory(Path.Combine("artifacts", $"bench-{Environment.ProcessId}-{Guid.NewGuid():n}")).FullName;

    public string Root => _path;

    public string this[string relative] => Path.Combine(_path, relative);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
