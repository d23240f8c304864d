namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A file.</summary>
internal sealed class FileSource(string path, string kind, long bytes, long modified) : IngestSource(path, kind, bytes, modified)
{
    public override string Title => Path.GetFileNameWithoutExtension(Name);

    public override byte[] ReadBytes() => File.ReadAllBytes(Name);
}
