using System.Text;

namespace AgentKit.Tools.BuiltIn.Programs;

/// <summary>Reads what a program writes, up to a limit.</summary>
internal sealed class CappedOutput
{
    private readonly byte[] _bytes;
    private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public CappedOutput(int limit, Stream stream)
    {
        _bytes = new byte[limit];
        Read = Task.Run(() => ReadAsync(stream));
    }

    /// <summary>Done when the program has written more than the limit.</summary>
    public Task Full => _full.Task;

    /// <summary>Done when the output has ended or is full.</summary>
    public Task Read { get; }

    /// <summary>What was written, as text.</summary>
    public string Text => Encoding.UTF8.GetString(_bytes, 0, Volatile.Read(ref _count));

    private async Task ReadAsync(Stream stream)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                int kept = Math.Min(count, _bytes.Length - _count);
                buffer.AsSpan(0, kept).CopyTo(_bytes.AsSpan(_count));
                Volatile.Write(ref _count, _count + kept);
                if (kept == count) continue;
                _full.TrySetResult();
                return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The program was ended; what came until then is kept.
            return;
        }
    }
}
