using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using AgentKit.Models;
using AgentKit.Training.Runs;
using AgentKit.Training.Tokenization;
using Microsoft.Win32.SafeHandles;

namespace AgentKit.Training.Pretraining;

/// <summary>A corpus as tokens in a file, so that a run reads what it needs of a text larger than memory. docs/formats.md describes the file.</summary>
internal sealed class TokenFile : IDisposable
{
    private const int HashBytes = 32, HeadBytes = 8 + HashBytes;
    private const int BlocksAtOnce = 16;

    private static readonly byte[] Magic = [.. "AKTT"u8, 1, 0, 0, 0];

    private readonly SafeFileHandle _file;

    private TokenFile(SafeFileHandle file)
    {
        _file = file;
        Count = (RandomAccess.GetLength(file) - HeadBytes) / sizeof(int);
    }

    /// <summary>Tokens in all.</summary>
    public long Count { get; }

    /// <summary>Opens the file, which is written first unless it is there and complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">32 bytes for what it depends on; another key means that it is written anew.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">Cuts it into tokens.</param>
    /// <param name="endOfDocument">The token between documents; below 0 for none.</param>
    /// <param name="threads">Threads to cut with.</param>
    /// <param name="progress">Told how many bytes are done.</param>
    /// <param name="stop">Stops; nothing is left then.</param>
    public static TokenFile Open(
        string path, ReadOnlySpan<byte> key, TextCorpus corpus, Tokenizer tokenizer, int endOfDocument, int threads, Action<long>? progress, CancellationToken stop)
    {
        byte[] head = [.. Magic, .. key];
        if (!IsThere(path, head)) Write(path, head, corpus, tokenizer, endOfDocument, threads, progress, stop);
        return new(File.OpenHandle(path));
    }

    /// <summary>Some of the tokens.</summary>
    public int[] Read(long first, int count)
    {
        var tokens = new int[count];
        Span<byte> bytes = MemoryMarshal.AsBytes(tokens.AsSpan());
        int read = RandomAccess.Read(_file, bytes, HeadBytes + (first * sizeof(int)));
        if (read < bytes.Length) throw new EndOfStreamException($"The tokens {first} to {first + count} are not all in the file.");
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(tokens, tokens);
        return tokens;
    }

    public void Dispose() => _file.Dispose();

    private static bool IsThere(string path, byte[] head)
    {
        if (!File.Exists(path)) return false;
        using FileStream stream = File.OpenRead(path);
        var found = new byte[head.Length];
        return stream.ReadAtLeast(found, head.Length, throwOnEndOfStream: false) == head.Length && found.AsSpan().SequenceEqual(head);
    }

    private static void Write(
        string path, byte[] head, TextCorpus corpus, Tokenizer tokenizer, int endOfDocument, int threads, Action<long>? progress, CancellationToken stop)
    {
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = stop };
        AtomicFile.Write(path, stream =>
        {
            stream.Write(head);
            long done = 0;
            foreach (TextBlock[] blocks in corpus.Read().Chunk(BlocksAtOnce))
            {
                var tokens = new int[blocks.Length][];
                Parallel.For(0, blocks.Length, options, i => tokens[i] = Tokens(blocks[i], tokenizer, endOfDocument));
                foreach (int[] part in tokens) stream.Write(Bytes(part));
                progress?.Invoke(done += blocks.Sum(block => (long)Encoding.UTF8.GetByteCount(block.Text)));
            }
        });
    }

    private static int[] Tokens(TextBlock block, Tokenizer tokenizer, int endOfDocument)
    {
        int[] tokens = tokenizer.Encode(block.Text, addSpecial: false, parseSpecial: false);
        return block.EndsDocument && endOfDocument >= 0 ? [.. tokens, endOfDocument] : tokens;
    }

    private static ReadOnlySpan<byte> Bytes(int[] tokens)
    {
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(tokens, tokens);
        return MemoryMarshal.AsBytes(tokens.AsSpan());
    }
}
