using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;

namespace AgentKit.Models;

/// <summary>
/// The KV of earlier prompts in a file, so that a new process need not compute them again. The layout is in docs/formats.md. KV is numbers that
/// only the same model, build of llama.cpp and settings can use: all of them are named in the file and checked.
/// </summary>
internal static class PromptCacheFile
{
    private const int SampledBlocks = 64;
    private const int BlockBytes = 4096;

    private static readonly byte[] Magic = "AKPC\u0001\0\0\0"u8.ToArray();

    /// <summary>What only the same model, library and settings have: the file's head, blocks spread over its weights, sizes, version, KV type.</summary>
    public static byte[] Fingerprint(GgufFile file, string? libraryVersion, KvType type)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{file.FileBytes} {libraryVersion} {type}"));
        using FileStream stream = new(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        byte[] head = new byte[Math.Min(file.DataOffset, file.FileBytes)];
        stream.ReadExactly(head);
        hash.AppendData(head);
        byte[] block = new byte[BlockBytes];
        for (int i = 0; i < SampledBlocks; i++)
        {
            stream.Position = file.DataOffset + ((file.FileBytes - file.DataOffset) / SampledBlocks * i);
            hash.AppendData(block, 0, stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Writes entries to a new file and puts it in the place of an old one.</summary>
    public static void Write(string path, byte[] fingerprint, IReadOnlyList<StoredPrefix> entries)
    {
        string temporary = path + ".new";
        using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
        using (BinaryWriter writer = new(stream))
        {
            writer.Write(Magic);
            writer.Write(fingerprint);
            writer.Write(entries.Count);
            foreach (StoredPrefix entry in entries)
            {
                byte[] tokens = new byte[entry.Tokens.Length * sizeof(int)];
                Buffer.BlockCopy(entry.Tokens, 0, tokens, 0, tokens.Length);
                writer.Write(entry.Tokens.Length);
                writer.Write(entry.State.Length);
                writer.Write(Checksum(tokens, entry.State));
                writer.Write(tokens);
                writer.Write(entry.State);
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads entries.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">The fingerprint it must have.</param>
    /// <param name="mostTokens">Most tokens of an entry.</param>
    /// <exception cref="UserInputException">It is damaged, or belongs to another model, library or KV type.</exception>
    public static IReadOnlyList<StoredPrefix> Read(string path, byte[] fingerprint, int mostTokens)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using BinaryReader reader = new(stream);
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
            {
                throw Fault(path, "is no prompt cache of this version");
            }

            if (!reader.ReadBytes(fingerprint.Length).AsSpan().SequenceEqual(fingerprint))
            {
                throw Fault(path, "was written with another model, another build of llama.cpp or another KvType");
            }

            int count = reader.ReadInt32();
            List<StoredPrefix> entries = [];
            for (int i = 0; i < count; i++)
            {
                entries.Add(ReadEntry(reader, path, mostTokens));
            }

            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault(path, $"cannot be read: {e.Message}", e);
        }
    }

    private static StoredPrefix ReadEntry(BinaryReader reader, string path, int mostTokens)
    {
        int length = reader.ReadInt32();
        int bytes = reader.ReadInt32();
        long left = reader.BaseStream.Length - reader.BaseStream.Position;
        if (length <= 0 || length > mostTokens || bytes <= 0 || ((long)length * sizeof(int)) + bytes + SHA256.HashSizeInBytes > left)
        {
            throw Fault(path, "is damaged: an entry's size is impossible");
        }

        byte[] checksum = reader.ReadBytes(SHA256.HashSizeInBytes);
        byte[] tokenBytes = reader.ReadBytes(length * sizeof(int));
        byte[] state = reader.ReadBytes(bytes);
        if (!Checksum(tokenBytes, state).AsSpan().SequenceEqual(checksum))
        {
            throw Fault(path, "is damaged: a checksum does not match");
        }

        int[] tokens = new int[length];
        Buffer.BlockCopy(tokenBytes, 0, tokens, 0, tokenBytes.Length);
        return new(0, tokens, state);
    }

    private static byte[] Checksum(byte[] tokens, byte[] state)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(tokens);
        hash.AppendData(state);
        return hash.GetHashAndReset();
    }

    private static UserInputException Fault(string path, string what, Exception? inner = null) => new("path", $"{path} {what}.", inner);
}
