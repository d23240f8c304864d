namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A file.</summary>
internal sealed class FileSource(string path, string kind, long bytes, long modified) : IngestSource(path, kind, bytes, modified)
{
    public override string Title => Path.GetFileNameWithoutExtension(Name);

    // What has no length is not opened: a named pipe would wait for somebody to write.
    public override byte[] ReadBytes() => Bytes == 0 ? [] : File.ReadAllBytes(Name);
}
