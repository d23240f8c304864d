namespace AgentKit.Tools.Mcp;

/// <summary>
/// A read-only stream whose reads end when they are cancelled. Reading standard input blocks a thread and ignores cancellation, so the read
/// runs on a thread of its own and is abandoned: a server that is told to stop does not wait for one more message.
/// </summary>
internal sealed class CancellableInput(Stream inner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // An abandoned read must not write into memory that the caller has already given back.
        var own = new byte[buffer.Length];
        var reading = Task.Run(() => inner.ReadAsync(own, CancellationToken.None).AsTask(), cancellationToken);
        var count = await reading.WaitAsync(cancellationToken);
        own.AsSpan(0, count).CopyTo(buffer.Span);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
