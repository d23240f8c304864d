using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Training.Runs;
using Microsoft.Win32.SafeHandles;

namespace AgentKit.Training.Peft;

/// <summary>Reads and writes files of tensors in the safetensors format: a length, a JSON head, the data. Sizes there run slowest first.</summary>
internal static class Safetensors
{
    private const int LengthBytes = 8;
    private const long MostHeadBytes = 100_000_000;

    private static readonly Dictionary<string, GgmlType> Types = new(StringComparer.Ordinal)
    {
        ["F32"] = GgmlType.F32, ["F16"] = GgmlType.F16, ["BF16"] = GgmlType.BF16,
    };

    /// <summary>Writes matrices in single precision; the file is complete when it is there.</summary>
    public static void Write(string path, IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        var head = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach ((string name, long[] shape, float[] values) in tensors)
        {
            long end = offset + (values.LongLength * sizeof(float));
            head[name] = new JsonObject
            {
                ["dtype"] = "F32", ["shape"] = new JsonArray([.. shape.Select(size => JsonValue.Create(size))]), ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(head);
        // The data begins at a multiple of eight; blanks fill the head.
        byte[] padded = [.. text, .. Enumerable.Repeat((byte)' ', (LengthBytes - (text.Length % LengthBytes)) % LengthBytes)];
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, padded.Length);
            stream.Write(length);
            stream.Write(padded);
            foreach ((_, _, float[] values) in tensors)
            {
                var bytes = new byte[values.Length * sizeof(float)];
                TensorCodec.Encode(GgmlType.F32, values, bytes);
                stream.Write(bytes);
            }
        });
    }

    /// <summary>All tensors of a file, in single precision.</summary>
    /// <exception cref="UserInputException">The file is damaged, or holds numbers of another type.</exception>
    public static Dictionary<string, (long[] Shape, float[] Values)> Read(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        long bytes = RandomAccess.GetLength(file);
        if (bytes < LengthBytes) throw Damaged(path, "it has no head");
        long length = BinaryPrimitives.ReadInt64LittleEndian(Bytes(file, 0, LengthBytes));
        if (length is < 2 or > MostHeadBytes || length > bytes - LengthBytes) throw Damaged(path, $"its head is said to have {length} bytes");
        try
        {
            using JsonDocument head = JsonDocument.Parse(Bytes(file, LengthBytes, length));
            Dictionary<string, (long[], float[])> tensors = new(StringComparer.Ordinal);
            foreach (JsonProperty field in head.RootElement.EnumerateObject().Where(field => field.Name != "__metadata__"))
            {
                if (!tensors.TryAdd(field.Name, Tensor(path, field, file, LengthBytes + length, bytes))) throw Damaged(path, $"{field.Name} is there twice");
            }

            return tensors;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw Damaged(path, "its head is no description of tensors");
        }
    }

    private static byte[] Bytes(SafeFileHandle file, long at, long count)
    {
        var bytes = new byte[count];
        for (int done = 0, read; done < bytes.Length; done += read)
        {
            read = RandomAccess.Read(file, bytes.AsSpan(done), at + done);
            if (read == 0) throw new EndOfStreamException("The file became shorter while it was read.");
        }

        return bytes;
    }

    private static (long[] Shape, float[] Values) Tensor(string path, JsonProperty field, SafeFileHandle file, long dataAt, long fileBytes)
    {
        string type = field.Value.GetProperty("dtype").GetString() ?? "null";
        if (!Types.TryGetValue(type, out GgmlType stored)) throw Damaged(path, $"{field.Name} is {type}; F32, F16 and BF16 can be read");
        long[] shape = [.. field.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] offsets = [.. field.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        if (shape.Any(size => size is < 1 or > int.MaxValue)) throw Damaged(path, $"{field.Name} has the sizes {string.Join(", ", shape)}");
        long elements = shape.Aggregate(1L, (product, size) => checked(product * size));
        if (offsets is not [>= 0 and var first, var end] || end > fileBytes - dataAt || end - first != GgmlTypes.Bytes(stored, elements))
            throw Damaged(path, $"the place of {field.Name} does not fit its shape");
        var values = new float[elements];
        TensorCodec.Decode(stored, Bytes(file, dataAt + first, end - first), values);
        return (shape, values);
    }

    private static UserInputException Damaged(string path, string reason) => new("FOLDER", $"FOLDER: {path} cannot be read as safetensors: {reason}.");
}
