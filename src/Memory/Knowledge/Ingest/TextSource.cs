using System.Text;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A text the program hands over.</summary>
internal sealed class TextSource(SourceText text) : IngestSource(text.Source, text.Kind, Encoding.UTF8.GetByteCount(text.Text), modified: 0)
{
    public override bool IsUtf8 => true;

    public override string Title => text.Title ?? "";

    public override byte[] ReadBytes() => Encoding.UTF8.GetBytes(text.Text);
}
