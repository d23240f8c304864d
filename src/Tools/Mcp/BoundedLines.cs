namespace AgentKit.Tools.Mcp;

/// <summary>What a server writes, as long as no line of it is longer than any honest message: a line is held in memory as a whole.</summary>
/// <param name="inner">The server's output.</param>
/// <param name="longest">Most bytes between two line ends.</param>
internal sealed class BoundedLines(Stream inner, int longest = BoundedLines.LongestMessage) : Stream
{
    /// <summary>64 MiB: room for a large image in base64.</summary>
    public const int LongestMessage = 64 * 1024 * 1024;

    private long _sinceLineEnd;

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
        int end = buffer[..count].LastIndexOf((byte)'\n');
        _sinceLineEnd = end < 0 ? _sinceLineEnd + count : count - end - 1;
        return _sinceLineEnd <= longest
            ? count
            : throw new IOException($"the server sent a message of more than {longest} bytes");
    }
}
