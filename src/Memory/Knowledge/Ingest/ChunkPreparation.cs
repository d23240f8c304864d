using System.Security.Cryptography;
using System.Text;
using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>Hashes and analyzes the chunks of one document after another. Each thread has its own and keeps its buffers.</summary>
internal sealed class ChunkPreparation
{
    private const int ChunkHashBytes = 16;

    [ThreadStatic]
    private static ChunkPreparation? current;

    private readonly TermBuffer _titleTerms = new();
    private readonly TermBuffer _headingTerms = new();
    private readonly TermBuffer _bodyTerms = new();
    private byte[] _hashed = new byte[4096];
    private string _title = "";
    private string? _heading;
    private byte[] _allHeadingTerms = [];

    private ChunkPreparation()
    {
    }

    /// <summary>Begins a document.</summary>
    /// <param name="title">Its title.</param>
    public static ChunkPreparation Begin(string title)
    {
        ChunkPreparation preparation = current ??= new ChunkPreparation();
        (preparation._title, preparation._heading) = (title, null);
        preparation._titleTerms.Analyze(title);
        return preparation;
    }

    public PreparedChunk Prepare(string text, Chunk chunk)
    {
        ReadOnlySpan<char> body = text.AsSpan(chunk.Start, chunk.End - chunk.Start);
        if (chunk.Heading != _heading) EnterHeading(chunk.Heading);
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(body)];
        Encoding.UTF8.GetBytes(body, utf8);
        _bodyTerms.Analyze(body);
        return new PreparedChunk(
            chunk.Start, chunk.End, chunk.Heading, chunk.Page, Hash(chunk.Heading, utf8), utf8, _allHeadingTerms, _bodyTerms.ToUtf8());
    }

    /// <summary>The terms of a chunk with a context, which counts like its headings.</summary>
    public (byte[] Heading, byte[] Body) TermsOf(string heading, string text, string context)
    {
        if (heading != _heading) EnterHeading(heading);
        _bodyTerms.Analyze(text);
        byte[] body = _bodyTerms.ToUtf8();
        _bodyTerms.Analyze(context);
        return ([.. _allHeadingTerms, .. _bodyTerms.ToUtf8()], body);
    }

    private void EnterHeading(string heading)
    {
        _heading = heading;
        _headingTerms.Analyze(heading);
        byte[] terms = _headingTerms.ToUtf8();
        _allHeadingTerms = heading.StartsWith(_title, StringComparison.Ordinal) ? terms : [.. _titleTerms.ToUtf8(), .. terms];
    }

    private byte[] Hash(string heading, byte[] body)
    {
        int most = Encoding.UTF8.GetMaxByteCount(_title.Length + heading.Length) + body.Length + 2;
        if (_hashed.Length < most) _hashed = new byte[2 * most];
        int length = Encoding.UTF8.GetBytes(_title, _hashed);
        _hashed[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(heading, _hashed.AsSpan(length));
        _hashed[length++] = (byte)'\n';
        body.CopyTo(_hashed, length);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_hashed.AsSpan(0, length + body.Length), hash);
        return hash[..ChunkHashBytes].ToArray();
    }
}
