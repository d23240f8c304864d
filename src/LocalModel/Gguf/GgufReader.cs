using System.Buffers.Binary;
using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>
/// Reads the head of a GGUF file from front to back. Every count and length is held against what is left of the file before anything is allocated,
/// so that a damaged file costs no more memory than its own size.
/// </summary>
internal sealed class GgufReader(Stream stream, string file)
{
    // llama.cpp compares every key and tensor name with all earlier ones: these limits keep that under a second.
    private const ulong MaxEntries = 16_384, MaxTensors = 65_536;
    private const ulong MaxArrayElements = 1 << 24;
    private const long MaxMetadataBytes = 512L << 20;
    private const int MaxKeyBytes = 1024, MaxNameBytes = 63;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly long length = stream.Length;
    private long position;

    /// <summary>Bytes read so far.</summary>
    internal long Position => position;

    internal static UserInputException Fault(string file, string field, string message, Exception? inner = null) =>
        new(field, $"{file}: {field} {message}", inner);

    internal (uint Version, ulong Tensors, ulong Entries) ReadHeader()
    {
        Span<byte> magic = stackalloc byte[4];
        if (length < 24) throw Fault("header", $"needs 24 bytes, but the file has {length}; it is empty or cut off, or not a GGUF file.");
        Read(magic, "header");
        if (!magic.SequenceEqual("GGUF"u8))
            throw Fault("magic", $"is {Convert.ToHexString(magic)}, not 47475546 (\"GGUF\"); this is not a GGUF file.");
        uint version = ReadUInt32("version");
        if (version is not (2 or 3))
        {
            bool swapped = BinaryPrimitives.ReverseEndianness(version) is >= 1 and <= 3;
            throw Fault("version", swapped
                ? "is stored big-endian; only little-endian files can be read. Convert the file with gguf_convert_endian."
                : $"is {version}; versions 2 and 3 can be read.");
        }
        ulong tensors = ReadUInt64("tensor_count"), entries = ReadUInt64("metadata_kv_count");
        // The smallest tensor entry has 33 bytes, the smallest metadata entry 14.
        Limit("tensor_count", tensors, MaxTensors, 33);
        Limit("metadata_kv_count", entries, MaxEntries, 14);
        return (version, tensors, entries);
    }

    internal OrderedDictionary<string, GgufValue> ReadMetadata(ulong entries)
    {
        var metadata = new OrderedDictionary<string, GgufValue>();
        for (ulong i = 0; i < entries; i++)
        {
            string key = ReadKey($"metadata[{i}].key");
            string field = $"metadata[{i}] \"{key}\"";
            if (metadata.ContainsKey(key)) throw Fault(field, "occurs twice; every key may occur once.");
            metadata.Add(key, ReadValue(field));
            if (position > MaxMetadataBytes) throw Fault(field, $"ends beyond {MaxMetadataBytes} bytes; metadata may not be larger.");
        }
        return metadata;
    }

    internal GgufTensorInfo ReadTensorInfo(ulong index)
    {
        string place = $"tensors[{index}]";
        string name = ReadName($"{place}.name", MaxNameBytes);
        place += $" \"{name}\"";
        uint dimensions = ReadUInt32($"{place}.n_dims");
        if (dimensions is < 1 or > 4) throw Fault($"{place}.n_dims", $"is {dimensions}; 1 to 4 are allowed.");
        var shape = new long[dimensions];
        long elements = 1;
        for (int d = 0; d < shape.Length; d++)
        {
            ulong size = ReadUInt64($"{place}.dims[{d}]");
            if (size == 0) throw Fault($"{place}.dims[{d}]", "is 0; every dimension must be at least 1.");
            if (size > long.MaxValue || (long)size > long.MaxValue / 64 / elements)
                throw Fault($"{place}.dims[{d}]", $"is {size}; the number of elements overflows.");
            shape[d] = (long)size;
            elements *= shape[d];
        }
        uint type = ReadUInt32($"{place}.type");
        if (GgmlTypes.Block((GgmlType)type) is not { } block)
            throw Fault($"{place}.type", $"is {type}, which is no ggml tensor type of llama.cpp v0.5.0.");
        if (shape[0] % block.Elements != 0)
            throw Fault($"{place}.dims[0]", $"is {shape[0]}; rows of type {(GgmlType)type} come in blocks of {block.Elements} elements.");
        ulong offset = ReadUInt64($"{place}.offset");
        if (offset > (ulong)length) throw Fault($"{place}.offset", $"is {offset}, beyond the end of the file ({length} bytes).");
        return new GgufTensorInfo(name, (GgmlType)type, shape, (long)offset);
    }

    private GgufValue ReadValue(string field)
    {
        var type = ReadType(field);
        if (type == GgufValueType.Array) return ReadArray(field);
        if (type == GgufValueType.String)
        {
            var text = ReadBytes(ReadUInt64($"{field}.length"), MaxMetadataBytes, field);
            return new GgufValue(type, false, text, [text.Length]);
        }
        var data = ReadBytes((ulong)GgufValue.ElementBytes(type), MaxMetadataBytes, field);
        if (type == GgufValueType.Bool) CheckBools(data, field);
        return new GgufValue(type, false, data);
    }

    private GgufValue ReadArray(string field)
    {
        var type = ReadType($"{field}.element");
        if (type == GgufValueType.Array) throw Fault(field, "is an array of arrays, which llama.cpp does not read.");
        ulong count = ReadUInt64($"{field}.length");
        Limit($"{field}.length", count, MaxArrayElements, type == GgufValueType.String ? 8 : GgufValue.ElementBytes(type));
        if (type == GgufValueType.String) return ReadTexts((int)count, field);
        var data = ReadBytes(count * (ulong)GgufValue.ElementBytes(type), MaxMetadataBytes, field);
        if (type == GgufValueType.Bool) CheckBools(data, field);
        return new GgufValue(type, true, data);
    }

    private GgufValue ReadTexts(int count, string field)
    {
        var ends = new int[count];
        // The texts cannot be longer than what the file still has, nor than the metadata limit.
        using var texts = new MemoryStream();
        for (int i = 0; i < count; i++)
        {
            ulong size = ReadUInt64(field);
            if (size > (ulong)Math.Min(length - position, MaxMetadataBytes - texts.Length))
                throw Fault($"{field}[{i}].length", $"is {size}, but the file has only {length - position} bytes left.");
            int start = (int)texts.Length;
            texts.SetLength(start + (int)size);
            Read(texts.GetBuffer().AsSpan(start, (int)size), field);
            ends[i] = start + (int)size;
        }
        return new GgufValue(GgufValueType.String, true, texts.ToArray(), ends);
    }

    private GgufValueType ReadType(string field)
    {
        uint type = ReadUInt32($"{field}.type");
        return type <= (uint)GgufValueType.Float64 ? (GgufValueType)type : throw Fault($"{field}.type", $"is {type}; 0 to 12 are known.");
    }

    private void CheckBools(ReadOnlySpan<byte> bools, string field)
    {
        int bad = bools.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (bad >= 0) throw Fault(field, $"has the byte {bools[bad]} for a bool; 0 and 1 are allowed.");
    }

    private string ReadKey(string field)
    {
        string key = ReadName(field, MaxKeyBytes);
        return key.Length > 0 ? key : throw Fault(field, "is empty.");
    }

    /// <summary>Keys and tensor names: valid UTF-8 without control characters (native code would end a name at a NUL byte).</summary>
    private string ReadName(string field, int maxBytes)
    {
        ulong size = ReadUInt64($"{field}.length");
        if (size > (ulong)maxBytes) throw Fault($"{field}.length", $"is {size}; at most {maxBytes} bytes are allowed.");
        var bytes = ReadBytes(size, maxBytes, field);
        try
        {
            string name = StrictUtf8.GetString(bytes);
            return name.Any(char.IsControl) ? throw Fault(field, "contains control characters.") : name;
        }
        catch (DecoderFallbackException e)
        {
            throw Fault(file, field, $"is not valid UTF-8 ({Convert.ToHexString(bytes)}).", e);
        }
    }

    private void Limit(string field, ulong count, ulong max, int bytesEach)
    {
        if (count > max) throw Fault(field, $"is {count}; at most {max} are allowed.");
        if (count > (ulong)(length - position) / (ulong)bytesEach)
            throw Fault(field, $"is {count}, for which the remaining {length - position} bytes of the file are too few.");
    }

    private byte[] ReadBytes(ulong count, long max, string field)
    {
        if (count > (ulong)(length - position))
            throw Fault(field, $"needs {count} bytes at offset {position}, but the file has only {length - position} left; it is cut off or damaged.");
        if (count > (ulong)max) throw Fault(field, $"has {count} bytes; at most {max} are allowed.");
        var bytes = new byte[count];
        Read(bytes, field);
        return bytes;
    }

    private uint ReadUInt32(string field)
    {
        Span<byte> bytes = stackalloc byte[4];
        Read(bytes, field);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private ulong ReadUInt64(string field)
    {
        Span<byte> bytes = stackalloc byte[8];
        Read(bytes, field);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Read(Span<byte> bytes, string field)
    {
        if (bytes.Length > length - position)
            throw Fault(field, $"needs {bytes.Length} bytes at offset {position}, but the file ends at {length}; it is cut off or damaged.");
        stream.ReadExactly(bytes);
        position += bytes.Length;
    }

    private UserInputException Fault(string field, string message) => Fault(file, field, message);
}
