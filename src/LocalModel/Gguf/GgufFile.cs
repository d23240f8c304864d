using System.Numerics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>
/// The head of a GGUF file (versions 2 and 3, little-endian): metadata and tensor descriptions, checked, without the tensor data.
/// Reading costs time and memory in proportion to the head, not to the file. Every oddity is a <see cref="UserInputException"/> which names the place.
/// </summary>
public sealed class GgufFile
{
    private const uint DefaultAlignment = 32, MaxAlignment = 1 << 20;
    private const int CopyBytes = 1 << 22;

    private readonly Dictionary<string, GgufTensorInfo> tensorsByName;

    private GgufFile(string path, uint version, OrderedDictionary<string, GgufValue> metadata, List<GgufTensorInfo> tensors, uint alignment)
    {
        Path = path;
        Version = version;
        Metadata = metadata;
        Tensors = tensors;
        Alignment = alignment;
        tensorsByName = tensors.ToDictionary(t => t.Name);
    }

    /// <summary>Where the file was read from.</summary>
    public string Path { get; }

    /// <summary>Format version, 2 or 3.</summary>
    public uint Version { get; }

    /// <summary>Every key with its value, in file order.</summary>
    public IReadOnlyDictionary<string, GgufValue> Metadata { get; }

    /// <summary>Every tensor, in file order.</summary>
    public IReadOnlyList<GgufTensorInfo> Tensors { get; }

    /// <summary>Tensor offsets are multiples of this many bytes.</summary>
    public uint Alignment { get; }

    /// <summary>Bytes before the data section.</summary>
    public long DataOffset { get; private init; }

    /// <summary>Bytes of the whole file.</summary>
    public long FileBytes { get; private init; }

    /// <summary>File name without folder, for messages.</summary>
    internal string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Reads and checks the head of a file.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <exception cref="UserInputException">The file cannot be read, or something in it is not as the format demands.</exception>
    public static GgufFile Open(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            return Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserInputException(path, $"{path}: the model file cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads and checks the head of a file from a seekable stream.</summary>
    /// <param name="stream">Positioned at the start of the file.</param>
    /// <param name="path">Names the file in messages.</param>
    internal static GgufFile Read(Stream stream, string path)
    {
        string name = System.IO.Path.GetFileName(path);
        var reader = new GgufReader(stream, name);
        var (version, tensorCount, entries) = reader.ReadHeader();
        var metadata = reader.ReadMetadata(entries);
        uint alignment = ReadAlignment(metadata, name);
        var tensors = new List<GgufTensorInfo>();
        for (ulong i = 0; i < tensorCount; i++) tensors.Add(reader.ReadTensorInfo(i));
        CheckNames(tensors, name);
        long dataOffset = (reader.Position + alignment - 1) / alignment * alignment;
        CheckPlaces(tensors, alignment, dataOffset, stream.Length, name);
        return new GgufFile(path, version, metadata, tensors, alignment) { DataOffset = dataOffset, FileBytes = stream.Length };
    }

    /// <summary>The tensor of that name, or null.</summary>
    /// <param name="name">For example <c>blk.0.attn_q.weight</c>.</param>
    public GgufTensorInfo? FindTensor(string name) => tensorsByName.GetValueOrDefault(name);

    /// <summary>The text under a key, or null if there is none.</summary>
    /// <param name="key">For example <c>general.name</c>.</param>
    /// <exception cref="UserInputException">The value is not a text.</exception>
    public string? FindString(string key) => Find(key, v => v.AsString());

    /// <summary>The truth under a key, or null if there is none.</summary>
    /// <param name="key">For example <c>tokenizer.ggml.add_bos_token</c>.</param>
    /// <exception cref="UserInputException">The value is not a bool.</exception>
    public bool? FindBool(string key) => Metadata.ContainsKey(key) ? Find(key, v => (bool?)v.AsBool()) : null;

    /// <summary>The integer under a key, whatever its width, or null if there is none.</summary>
    /// <param name="key">For example <c>llama.block_count</c>.</param>
    /// <exception cref="UserInputException">The value is not an integer.</exception>
    public long? FindInteger(string key) => Metadata.ContainsKey(key) ? Find(key, v => (long?)v.AsInteger()) : null;

    /// <summary>The number under a key, or null if there is none.</summary>
    /// <param name="key">For example <c>llama.rope.freq_base</c>.</param>
    /// <exception cref="UserInputException">The value is not a number.</exception>
    public double? FindNumber(string key) => Metadata.ContainsKey(key) ? Find(key, v => (double?)v.AsNumber()) : null;

    /// <summary>Reads stored bytes of a tensor, from <paramref name="start"/> until the destination is full.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="destination">At most <see cref="GgufTensorInfo.Bytes"/> − <paramref name="start"/> bytes.</param>
    /// <param name="start">Bytes to skip from the tensor's start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the tensor.</exception>
    /// <exception cref="EndOfStreamException">The file has been cut since it was opened.</exception>
    public void ReadTensor(GgufTensorInfo tensor, Span<byte> destination, long start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + destination.Length, tensor.Bytes, nameof(destination));
        using var handle = File.OpenHandle(Path);
        long at = DataOffset + tensor.Offset + start;
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(handle, destination, at);
            if (read == 0) throw new EndOfStreamException($"{Name} ended at byte {at} while reading tensor {tensor.Name}.");
            destination = destination[read..];
            at += read;
        }
    }

    /// <summary>Writes the stored bytes of a tensor to a stream, a chunk at a time.</summary>
    internal void CopyTensor(GgufTensorInfo tensor, Stream stream, CancellationToken cancellationToken)
    {
        var chunk = new byte[Math.Min(CopyBytes, tensor.Bytes)];
        for (long at = 0; at < tensor.Bytes; at += chunk.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, tensor.Bytes - at));
            ReadTensor(tensor, part, at);
            stream.Write(part);
        }
    }

    /// <summary>Reads a whole tensor of type F32, F16, BF16 or Q8_0 as floats, rows one after another.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <exception cref="NotSupportedException">Any other type.</exception>
    public float[] ReadFloats(GgufTensorInfo tensor)
    {
        var values = new float[tensor.Elements];
        var (elements, bytes) = GgmlTypes.Block(tensor.Type)!.Value;
        int rowsOfBlocks = (int)Math.Min((1 << 20) / bytes, tensor.Elements / elements);
        var buffer = new byte[rowsOfBlocks * bytes];
        for (long done = 0; done < tensor.Elements;)
        {
            int count = (int)Math.Min(rowsOfBlocks * (long)elements, tensor.Elements - done);
            var part = buffer.AsSpan(0, count / elements * bytes);
            ReadTensor(tensor, part, done / elements * bytes);
            TensorCodec.Decode(tensor.Type, part, values.AsSpan((int)done, count));
            done += count;
        }
        return values;
    }

    private T? Find<T>(string key, Func<GgufValue, T> read)
    {
        if (!Metadata.TryGetValue(key, out var value)) return default;
        try
        {
            return read(value);
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            throw new UserInputException(key, $"{Name}: {key}: {e.Message}", e);
        }
    }

    private static uint ReadAlignment(OrderedDictionary<string, GgufValue> metadata, string name)
    {
        const string key = "general.alignment";
        if (!metadata.TryGetValue(key, out var value)) return DefaultAlignment;
        if (value.Type != GgufValueType.UInt32) throw GgufReader.Fault(name, key, $"is {value} ({GgufValue.Name(value.Type)}); it must be a u32.");
        uint alignment = (uint)value.AsInteger();
        if (!BitOperations.IsPow2(alignment) || alignment > MaxAlignment)
            throw GgufReader.Fault(name, key, $"is {alignment}; a power of two up to {MaxAlignment} is allowed.");
        return alignment;
    }

    private static void CheckNames(List<GgufTensorInfo> tensors, string name)
    {
        var seen = new Dictionary<string, int>();
        for (int i = 0; i < tensors.Count; i++)
        {
            if (!seen.TryAdd(tensors[i].Name, i))
                throw GgufReader.Fault(name, $"tensors[{i}] \"{tensors[i].Name}\".name", $"is also the name of tensors[{seen[tensors[i].Name]}].");
        }
    }

    private static void CheckPlaces(List<GgufTensorInfo> tensors, uint alignment, long dataOffset, long fileBytes, string name)
    {
        var order = Enumerable.Range(0, tensors.Count).OrderBy(i => tensors[i].Offset).ToArray();
        for (int n = 0; n < order.Length; n++)
        {
            var tensor = tensors[order[n]];
            string field = $"tensors[{order[n]}] \"{tensor.Name}\".offset";
            if (tensor.Offset % alignment != 0)
                throw GgufReader.Fault(name, field, $"is {tensor.Offset}; it must be a multiple of the alignment {alignment}.");
            if (tensor.Bytes > fileBytes - dataOffset - tensor.Offset)
                throw GgufReader.Fault(name, field, $"is {tensor.Offset}; the tensor's {tensor.Bytes} bytes would end " +
                    $"{tensor.Bytes - (fileBytes - dataOffset - tensor.Offset)} bytes after the end of the file ({fileBytes} bytes); the file is cut off or damaged.");
            if (n > 0 && tensors[order[n - 1]] is var before && before.Offset + before.Bytes > tensor.Offset)
                throw GgufReader.Fault(name, field, $"is {tensor.Offset}, inside tensor \"{before.Name}\", which ends at {before.Offset + before.Bytes}.");
        }
    }
}
