using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Runs;

/// <summary>All that a run needs to go on after a step as if it had never stopped. Little-endian; docs/formats.md describes the file.</summary>
/// <param name="Fingerprint">SHA-256 of what the run's result depends on: configuration, model and data.</param>
/// <param name="Summary">What has been so far.</param>
/// <param name="Values">The trained weights.</param>
/// <param name="Mean">AdamW's running mean of gradients.</param>
/// <param name="Square">AdamW's running mean of squared gradients.</param>
internal sealed record Checkpoint(byte[] Fingerprint, TrainingSummary Summary, float[] Values, float[] Mean, float[] Square)
{
    private const int HashBytes = 32;

    private static readonly byte[] Magic = [.. "AKTC"u8, 1, 0, 0, 0];

    /// <summary>Writes the file so that it is complete when it is there.</summary>
    /// <exception cref="IOException">The disk is full, or the folder is gone.</exception>
    public void Write(string path)
    {
        string partial = $"{path}.part";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                foreach (ReadOnlyMemory<byte> part in (ReadOnlyMemory<byte>[])[Magic, Fingerprint, Head(), Bytes(Values), Bytes(Mean), Bytes(Square)])
                {
                    hash.AppendData(part.Span);
                    stream.Write(part.Span);
                }

                stream.Write(hash.GetHashAndReset());
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <exception cref="UserInputException">The file is damaged or of another version.</exception>
    public static Checkpoint Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < Magic.Length + (2 * HashBytes) || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic)) throw Damaged(path, "it is no checkpoint of this version");
        if (!SHA256.HashData(bytes.AsSpan(..^HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^HashBytes..))) throw Damaged(path, "its checksum is wrong");
        using var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, bytes.Length - Magic.Length - HashBytes), Encoding.UTF8);
        byte[] fingerprint = reader.ReadBytes(HashBytes);
        var summary = new TrainingSummary(
            reader.ReadInt32(), reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble(), Optional(reader.ReadDouble()), Optional(reader.ReadDouble()));
        int count = reader.ReadInt32();
        return new(fingerprint, summary, Floats(reader, count), Floats(reader, count), Floats(reader, count));
    }

    private byte[] Head()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Summary.Steps);
        writer.Write(Summary.Tokens);
        writer.Write(Summary.LossFirst);
        writer.Write(Summary.LossLast);
        writer.Write(Summary.EvalLossFirst ?? double.NaN);
        writer.Write(Summary.EvalLossLast ?? double.NaN);
        writer.Write(Values.Length);
        return stream.ToArray();
    }

    private static double? Optional(double value) => double.IsNaN(value) ? null : value;

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static float[] Floats(BinaryReader reader, int count) => MemoryMarshal.Cast<byte, float>(reader.ReadBytes(count * sizeof(float))).ToArray();

    private static UserInputException Damaged(string path, string reason) =>
        new("--resume", $"--resume: {path} cannot be used: {reason}. Delete it to go on from an earlier checkpoint or, without one, from the start.");
}
