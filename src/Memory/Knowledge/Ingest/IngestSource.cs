using AgentKit.Memory.Knowledge.Reading;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>Something to take in: a file, or a text the program hands over.</summary>
/// <param name="name">What it is known by.</param>
/// <param name="kind">Its kind, as <see cref="DocumentReader.KindOf"/> says.</param>
/// <param name="bytes">Its size.</param>
/// <param name="modified">When it was changed last, in ticks of UTC; 0 when that is not known.</param>
internal abstract class IngestSource(string name, string kind, long bytes, long modified)
{
    public string Name => name;

    public string Kind => kind;

    public long Bytes => bytes;

    public long Modified => modified;

    /// <summary>Its title where the document itself has none.</summary>
    /// <summary>Whether its bytes are UTF-8, whatever they say about themselves.</summary>
    public virtual bool IsUtf8 => false;

    public abstract string Title { get; }

    /// <exception cref="IOException">It cannot be read now.</exception>
    public abstract byte[] ReadBytes();
}
