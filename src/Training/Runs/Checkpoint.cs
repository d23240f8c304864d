using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Runs;

/// <summary>All that a run needs to go on after a step as if it had never stopped. Little-endian; docs/formats.md describes the file.</summary>
/// <param name="Fingerprint">SHA-256 of what the run's result depends on: configuration, model and data.</param>
/// <param name="Summary">What has been so far.</param>
/// <param name="Parts">Weights and the optimizer's state, by name.</param>
internal sealed record Checkpoint(byte[] Fingerprint, TrainingSummary Summary, IReadOnlyDictionary<string, byte[]> Parts)
{
    private const int HashBytes = 32;

    private static readonly byte[] Magic = [.. "AKTC"u8, 2, 0, 0, 0];

    /// <summary>Writes the file so that it is complete when it is there.</summary>
    /// <exception cref="IOException">The disk is full, or the folder is gone.</exception>
    public void Write(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.Write(path, stream =>
        {
            foreach (byte[] part in Encoded())
            {
                hash.AppendData(part);
                stream.Write(part);
            }

            stream.Write(hash.GetHashAndReset());
        });
    }

    /// <summary>What a file says the run's result depends on, whether the rest of it is intact or not; <c>null</c> where it does not say so much.</summary>
    public static byte[]? FingerprintOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var head = new byte[Magic.Length + HashBytes];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.AsSpan().StartsWith(Magic) ? head[Magic.Length..] : null;
    }

    /// <exception cref="UserInputException">The file is damaged or of another version.</exception>
    public static Checkpoint Read(string path)
    {
        // As a stream, not as one array: that of a large model is longer than an array can be.
        using var reader = new BinaryReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), Encoding.UTF8);
        long content = reader.BaseStream.Length - HashBytes;
        if (content < Magic.Length + HashBytes || !reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic)) throw Damaged(path, "it is no checkpoint of this version");
        if (!HasItsChecksum(reader.BaseStream, content)) throw Damaged(path, "its checksum is wrong");
        reader.BaseStream.Position = Magic.Length;
        byte[] fingerprint = reader.ReadBytes(HashBytes);
        TrainingSummary summary = JsonSerializer.Deserialize(reader.ReadBytes(reader.ReadInt32()), RunsJsonContext.Default.TrainingSummary)!;
        Dictionary<string, byte[]> parts = [];
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string name = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
            parts[name] = reader.ReadBytes(reader.ReadInt32());
        }

        return new(fingerprint, summary, parts);
    }

    /// <summary>A part as single-precision numbers; <c>null</c> where there is none of this name.</summary>
    public float[]? Floats(string part) => Parts.TryGetValue(part, out byte[]? bytes) ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : null;

    /// <summary>Whether the hash behind the content is the content's.</summary>
    private static bool HasItsChecksum(Stream stream, long content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[1 << 20];
        stream.Position = 0;
        for (long left = content; left > 0;)
        {
            int read = stream.Read(block, 0, (int)Math.Min(block.Length, left));
            if (read == 0) return false;
            hash.AppendData(block, 0, read);
            left -= read;
        }

        byte[] expected = new byte[HashBytes];
        stream.ReadExactly(expected);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected);
    }

    private IEnumerable<byte[]> Encoded()
    {
        yield return Magic;
        yield return Fingerprint;
        byte[] summary = JsonSerializer.SerializeToUtf8Bytes(Summary, RunsJsonContext.Default.TrainingSummary);
        yield return BitConverter.GetBytes(summary.Length);
        yield return summary;
        yield return BitConverter.GetBytes(Parts.Count);
        foreach ((string name, byte[] part) in Parts.OrderBy(part => part.Key, StringComparer.Ordinal))
        {
            byte[] label = Encoding.UTF8.GetBytes(name);
            yield return BitConverter.GetBytes(label.Length);
            yield return label;
            yield return BitConverter.GetBytes(part.Length);
            yield return part;
        }
    }

    private static UserInputException Damaged(string path, string reason) =>
        new("--resume", $"--resume: {path} cannot be used: {reason}. Delete it to go on from an earlier checkpoint or, without one, from the start.");
}
