using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace AgentKit.Models.Gguf;

/// <summary>
/// Writes GGUF version 3. Tensor data is produced while writing, so a tensor never has to fit into memory; a file appears under its name
/// only when it is complete.
/// </summary>
public sealed class GgufWriter
{
    private const string AlignmentKey = "general.alignment";
    private const int ChunkElements = 1 << 16;
    private static readonly byte[] Padding = new byte[4096];

    private readonly OrderedDictionary<string, GgufValue> metadata = [];
    private readonly List<(GgufTensorInfo Info, Action<Stream> Write)> tensors = [];
    private readonly HashSet<string> names = [];
    private long dataBytes;

    /// <summary>Tensor offsets become multiples of this many bytes. Set it before the first tensor; llama.cpp needs at least 32.</summary>
    /// <value>A power of two up to 1,048,576; 32 unless set.</value>
    public uint Alignment
    {
        get;
        init
        {
            if (!BitOperations.IsPow2(value) || value > 1 << 20)
                throw new ArgumentOutOfRangeException(nameof(Alignment), value, "a power of two up to 1048576");
            field = value;
            metadata[AlignmentKey] = value;
        }
    } = 32;

    /// <summary>A writer that begins with the metadata of a file, without what says that it is one of several (<c>split.*</c>), and its alignment.</summary>
    /// <param name="file">The file to copy from.</param>
    public static GgufWriter WithMetadataOf(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        GgufWriter writer = file.Metadata.ContainsKey(AlignmentKey) ? new() { Alignment = file.Alignment } : new();
        foreach ((string key, GgufValue value) in file.Metadata)
        {
            if (key != AlignmentKey && !key.StartsWith("split.", StringComparison.Ordinal)) writer.Set(key, value);
        }

        return writer;
    }

    /// <summary>Sets a metadata value; a value already there is replaced in its place.</summary>
    /// <param name="key">For example <c>general.architecture</c>.</param>
    /// <param name="value">Converts from text, bool and numbers; <see cref="GgufValue.Array(IReadOnlyList{string})"/> and its siblings make arrays.</param>
    /// <exception cref="ArgumentException">The key is empty, or it is <c>general.alignment</c> (see <see cref="Alignment"/>).</exception>
    public GgufWriter Set(string key, GgufValue value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key == AlignmentKey) throw new ArgumentException("The alignment is set with the property Alignment.", nameof(key));
        metadata[key] = value;
        return this;
    }

    /// <summary>Adds a tensor whose floats are stored as <paramref name="type"/> (F32, F16, BF16 or Q8_0) while writing.</summary>
    /// <param name="name">Unique, below 64 bytes.</param>
    /// <param name="type">How to store them.</param>
    /// <param name="shape">One to four sizes, the fastest-running first.</param>
    /// <param name="values">As many floats as the shape says; not copied, so they must stay as they are until the file is written.</param>
    /// <exception cref="ArgumentException">Name, shape or number of values do not fit.</exception>
    public GgufWriter Add(string name, GgmlType type, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values)
    {
        if (type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0))
            throw new ArgumentException($"Tensor {name}: floats can be stored as F32, F16, BF16 or Q8_0, not as {type}.", nameof(type));
        var info = NewTensor(name, type, shape);
        if (info.Elements != values.Length)
            throw new ArgumentException($"Tensor {info} has {info.Elements} elements, but {values.Length} values were given.", nameof(values));
        return Append(info, stream => WriteFloats(stream, type, values.Span));
    }

    /// <summary>Adds a tensor whose stored bytes are given as they are, for example copied from another file.</summary>
    /// <param name="name">Unique, below 64 bytes.</param>
    /// <param name="type">What the bytes are.</param>
    /// <param name="shape">One to four sizes, the fastest-running first.</param>
    /// <param name="blocks">Exactly the bytes which type and shape take; not copied.</param>
    /// <exception cref="ArgumentException">Name, shape or number of bytes do not fit.</exception>
    public GgufWriter AddRaw(string name, GgmlType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> blocks)
    {
        var info = NewTensor(name, type, shape);
        if (info.Bytes != blocks.Length)
            throw new ArgumentException($"Tensor {info} takes {info.Bytes} bytes, but {blocks.Length} were given.", nameof(blocks));
        return Append(info, stream => stream.Write(blocks.Span));
    }

    /// <summary>Adds a tensor whose stored bytes are produced on demand.</summary>
    /// <param name="name">Unique, below 64 bytes.</param>
    /// <param name="type">What the bytes are.</param>
    /// <param name="shape">One to four sizes, the fastest-running first.</param>
    /// <param name="write">Called once per written file; must write exactly the bytes which type and shape take.</param>
    /// <exception cref="ArgumentException">Name or shape do not fit.</exception>
    public GgufWriter AddStreamed(string name, GgmlType type, ReadOnlySpan<long> shape, Action<Stream> write) =>
        Append(NewTensor(name, type, shape), write);

    /// <summary>Adds a tensor of another file as it is; its bytes are copied while writing.</summary>
    /// <param name="file">The file it is in.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="cancellationToken">Cancels the copying.</param>
    /// <exception cref="ArgumentException">There is a tensor of that name already.</exception>
    public GgufWriter AddCopy(GgufFile file, GgufTensorInfo tensor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tensor);
        return AddStreamed(tensor.Name, tensor.Type, [.. tensor.Shape], stream => file.CopyTensor(tensor, stream, cancellationToken));
    }

    /// <summary>Writes the file beside its final name, flushes it to the disk and renames it; a file of that name is replaced.</summary>
    /// <param name="path">The file to make.</param>
    /// <exception cref="InvalidOperationException">A streamed tensor wrote another number of bytes than it should.</exception>
    public void Write(string path)
    {
        string partial = $"{path}.{System.IO.Path.GetRandomFileName()}.partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                Write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Writes the file's bytes to a stream from its current position.</summary>
    /// <param name="stream">Need not be seekable.</param>
    /// <exception cref="InvalidOperationException">A streamed tensor wrote another number of bytes than it should.</exception>
    public void Write(Stream stream)
    {
        using var head = new MemoryStream();
        WriteHead(head);
        Pad(head, head.Length);
        head.WriteTo(stream);
        foreach (var (info, write) in tensors)
        {
            var counted = new CountingStream(stream);
            write(counted);
            if (counted.Written != info.Bytes)
                throw new InvalidOperationException($"Tensor {info} takes {info.Bytes} bytes, but {counted.Written} were written.");
            Pad(stream, info.Bytes);
        }
    }

    private void WriteHead(Stream head)
    {
        head.Write("GGUF"u8);
        WriteUInt32(head, 3);
        WriteUInt64(head, (ulong)tensors.Count);
        WriteUInt64(head, (ulong)metadata.Count);
        foreach (var (key, value) in metadata)
        {
            WriteText(head, Encoding.UTF8.GetBytes(key));
            WriteValue(head, value);
        }
        foreach (var (info, _) in tensors)
        {
            WriteText(head, Encoding.UTF8.GetBytes(info.Name));
            WriteUInt32(head, (uint)info.Shape.Count);
            foreach (long size in info.Shape) WriteUInt64(head, (ulong)size);
            WriteUInt32(head, (uint)info.Type);
            WriteUInt64(head, (ulong)info.Offset);
        }
    }

    private static void WriteValue(Stream head, GgufValue value)
    {
        WriteUInt32(head, (uint)value.Type);
        if (value.IsArray)
        {
            WriteUInt32(head, (uint)value.ElementType);
            WriteUInt64(head, (ulong)value.Count);
        }
        if (value.ElementType != GgufValueType.String) head.Write(value.Data);
        else for (int i = 0; i < value.Count; i++) WriteText(head, value.Utf8(i));
    }

    private static void WriteFloats(Stream stream, GgmlType type, ReadOnlySpan<float> values)
    {
        var buffer = new byte[GgmlTypes.Bytes(type, Math.Min(ChunkElements, values.Length))];
        for (int done = 0; done < values.Length; done += ChunkElements)
        {
            var part = values.Slice(done, Math.Min(ChunkElements, values.Length - done));
            var stored = buffer.AsSpan(0, (int)GgmlTypes.Bytes(type, part.Length));
            TensorCodec.Encode(type, part, stored);
            stream.Write(stored);
        }
    }

    private GgufTensorInfo NewTensor(string name, GgmlType type, ReadOnlySpan<long> shape)
    {
        if (Encoding.UTF8.GetByteCount(name) is 0 or > 63)
            throw new ArgumentException($"Tensor name \"{name}\" must have 1 to 63 bytes.", nameof(name));
        if (GgmlTypes.Block(type) is not { } block) throw new ArgumentException($"Tensor {name}: {type} is no ggml type.", nameof(type));
        if (shape.Length is < 1 or > 4 || shape.IndexOfAnyExceptInRange(1, long.MaxValue) >= 0 || shape[0] % block.Elements != 0)
        {
            string sizes = string.Join(", ", shape.ToArray());
            throw new ArgumentException($"Tensor {name}: shape [{sizes}] must have 1 to 4 sizes above 0, the first a multiple of {block.Elements}.", nameof(shape));
        }
        return new GgufTensorInfo(name, type, shape.ToArray(), dataBytes);
    }

    private GgufWriter Append(GgufTensorInfo info, Action<Stream> write)
    {
        if (!names.Add(info.Name)) throw new ArgumentException($"There is already a tensor named {info.Name}.", nameof(info));
        tensors.Add((info, write));
        dataBytes += (info.Bytes + Alignment - 1) / Alignment * Alignment;
        return this;
    }

    private void Pad(Stream stream, long written)
    {
        int missing = (int)((Alignment - (written % Alignment)) % Alignment);
        for (; missing > 0; missing -= Padding.Length) stream.Write(Padding, 0, Math.Min(missing, Padding.Length));
    }

    private static void WriteText(Stream stream, ReadOnlySpan<byte> text)
    {
        WriteUInt64(stream, (ulong)text.Length);
        stream.Write(text);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteUInt64(Stream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
