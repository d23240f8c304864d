using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Cli.Models;
using AgentKit.Models.Gguf;

namespace AgentKit.Cli.Index;

/// <summary>
/// Tells models apart by what is in their files: a model that was trained on has the size and the name of the one before. Read are the head and some
/// blocks of every tensor, because training changes tensors as a whole; of a model of 5 GB that is about 10 MB.
/// </summary>
internal static class ModelIdentity
{
    private const int BlockBytes = 4096;
    private const int BlocksPerTensor = 4;
    private const int HashBytes = 8;

    /// <summary>The name of the file without its ending, and a hash of its content: <c>minilm/3f2a9c01d45e67b8</c>.</summary>
    public static string Of(string path)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in ModelLocator.Parts(path)) Append(hash, GgufFile.Open(part));
        return $"{Path.GetFileNameWithoutExtension(path)}/{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytes))}";
    }

    /// <summary>Whether a name that <see cref="Of"/> or an earlier version gave a model is that of this file, whatever the file is called now.</summary>
    public static bool Is(string path, string identity) =>
        identity == WithLength(path) || After(identity) == After(Of(path));

    /// <summary>What earlier versions knew of a model: name and length.</summary>
    private static string WithLength(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}/{new FileInfo(path).Length}");

    private static string After(string identity) => identity[(identity.LastIndexOf('/') + 1)..];

    private static void Append(IncrementalHash hash, GgufFile file)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(file.FileBytes.ToString(CultureInfo.InvariantCulture)));
        using FileStream stream = new(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        byte[] head = new byte[file.DataOffset];
        hash.AppendData(head, 0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        byte[] block = new byte[BlockBytes];
        foreach (GgufTensorInfo tensor in file.Tensors)
        {
            long step = Math.Max(BlockBytes, (tensor.Bytes - BlockBytes) / (BlocksPerTensor - 1));
            for (long at = 0; at < tensor.Bytes; at += step)
            {
                Span<byte> part = block.AsSpan(0, (int)Math.Min(BlockBytes, tensor.Bytes - at));
                file.ReadTensor(tensor, part, at);
                hash.AppendData(part);
            }
        }
    }
}
