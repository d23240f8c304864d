namespace AgentKit.Tools.Mcp;

/// <summary>What a server writes, as long as no message of it is longer than any honest one: a message is held in memory as a whole.</summary>
/// <param name="inner">The server's output.</param>
/// <param name="longest">Most bytes of a message.</param>
/// <param name="end">What ends a message.</param>
internal sealed class BoundedLines(Stream inner, int longest = BoundedLines.LongestMessage, BoundedLines.End end = BoundedLines.End.Line) : Stream
{
    /// <summary>What ends a message.</summary>
    public enum End
    {
        /// <summary>A line end, as on standard output.</summary>
        Line,

        /// <summary>An empty line, as among events.</summary>
        EmptyLine,

        /// <summary>The end of the answer.</summary>
        Stream,
    }

    /// <summary>64 MiB: room for a large image in base64.</summary>
    public const int LongestMessage = 64 * 1024 * 1024;

    private long _sinceEnd;
    private bool _afterLineEnd;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">A line is longer than allowed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Count(buffer.Span, count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset), inner.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(ReadOnlySpan<byte> buffer, int count)
    {
        int last = LastEnd(buffer[..count]);
        _sinceEnd = last < 0 ? _sinceEnd + count : count - last - 1;
        return _sinceEnd <= longest
            ? count
            : throw new IOException($"the server sent a message of more than {longest} bytes");
    }

    private int LastEnd(ReadOnlySpan<byte> read)
    {
        if (end is End.Stream) return -1;
        if (end is End.Line) return read.LastIndexOf((byte)'\n');
        int found = -1;
        for (int i = 0; i < read.Length; i++)
        {
            if (read[i] == '\n' && _afterLineEnd) found = i;
            // A carriage return before the line end does not make the line longer.
            if (read[i] != '\r') _afterLineEnd = read[i] == '\n';
        }

        return found;
    }
}
