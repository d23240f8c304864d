using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Runs;

/// <summary>All that a run needs to go on after a step as if it had never stopped. Little-endian; docs/formats.md describes the file.</summary>
/// <param name="Fingerprint">SHA-256 of what the run's result depends on: configuration, model and data.</param>
/// <param name="State">What has been so far.</param>
/// <param name="Parts">Weights and the optimizer's state by name, each an array of <see cref="float"/> or <see cref="byte"/>.</param>
internal sealed record Checkpoint(byte[] Fingerprint, RunState State, IReadOnlyDictionary<string, Array> Parts)
{
    private const int HashBytes = 32;

    /// <summary>Numbers that are written or read at once: a part may have more bytes than a span can.</summary>
    private const int SliceLength = 1 << 20;

    private static readonly byte[] Magic = [.. "AKTC"u8, 3, 0, 0, 0];

    /// <summary>Writes the file so that it is complete when it is there. Parts are written from where they lie, not copied.</summary>
    /// <exception cref="IOException">The disk is full, or the folder is gone.</exception>
    public void Write(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.Write(path, stream =>
        {
            Write(bytes =>
            {
                hash.AppendData(bytes);
                stream.Write(bytes);
            });
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

    /// <summary>What a file says of the run, whether the rest of it is intact or not; <c>null</c> where it does not say so much.</summary>
    public static RunState? StateOf(string path)
    {
        if (FingerprintOf(path) is null) return null;
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        reader.BaseStream.Position = Magic.Length + HashBytes;
        try
        {
            return JsonSerializer.Deserialize(reader.ReadBytes(Math.Max(0, reader.ReadInt32())), RunsJsonContext.Default.RunState);
        }
        catch (Exception e) when (e is JsonException or EndOfStreamException)
        {
            return null;
        }
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
        RunState state = JsonSerializer.Deserialize(reader.ReadBytes(reader.ReadInt32()), RunsJsonContext.Default.RunState)!;
        Dictionary<string, Array> parts = [];
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string name = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
            parts[name] = reader.ReadByte() == sizeof(float) ? Numbers<float>(reader) : Numbers<byte>(reader);
        }

        return new(fingerprint, state, parts);
    }

    /// <summary>A part of single-precision numbers; <c>null</c> where there is none of this name.</summary>
    public float[]? Floats(string part) => Parts.TryGetValue(part, out Array? numbers) ? (float[])numbers : null;

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

    private void Write(Action<ReadOnlySpan<byte>> write)
    {
        write(Magic);
        write(Fingerprint);
        byte[] state = JsonSerializer.SerializeToUtf8Bytes(State, RunsJsonContext.Default.RunState);
        write(BitConverter.GetBytes(state.Length));
        write(state);
        write(BitConverter.GetBytes(Parts.Count));
        foreach ((string name, Array part) in Parts.OrderBy(part => part.Key, StringComparer.Ordinal))
        {
            byte[] label = Encoding.UTF8.GetBytes(name);
            write(BitConverter.GetBytes(label.Length));
            write(label);
            if (part is float[] floats) Write<float>(write, floats);
            else Write<byte>(write, (byte[])part);
        }
    }

    /// <summary>The size of a number, how many there are, and they themselves.</summary>
    private static void Write<T>(Action<ReadOnlySpan<byte>> write, ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        write([(byte)Unsafe.SizeOf<T>()]);
        write(BitConverter.GetBytes((long)numbers.Length));
        for (ReadOnlySpan<T> left = numbers; !left.IsEmpty;)
        {
            ReadOnlySpan<T> slice = left[..Math.Min(left.Length, SliceLength)];
            write(MemoryMarshal.AsBytes(slice));
            left = left[slice.Length..];
        }
    }

    private static T[] Numbers<T>(BinaryReader reader)
        where T : unmanaged
    {
        var numbers = new T[reader.ReadInt64()];
        for (Span<T> left = numbers; !left.IsEmpty;)
        {
            Span<T> slice = left[..Math.Min(left.Length, SliceLength)];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(slice));
            left = left[slice.Length..];
        }

        return numbers;
    }

    private static UserInputException Damaged(string path, string reason) =>
        new("--resume", $"--resume: {path} cannot be used: {reason}. Delete it to go on from an earlier checkpoint or, without one, from the start.");
}
