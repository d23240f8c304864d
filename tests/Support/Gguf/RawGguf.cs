using System.Text;
using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>
/// A GGUF file taken apart so that any field can be given any value, however wrong, and put together again. <see cref="Relayout"/> makes the
/// container consistent after a change of tensors, so that a fault gets past the container checks.
/// </summary>
internal sealed class RawGguf
{
    internal byte[] Magic = "GGUF"u8.ToArray();
    internal uint Version = 3;
    internal ulong? TensorCount, EntryCount;
    internal uint Alignment = 32;

    internal List<Entry> Entries { get; private init; } = [];

    internal List<Tensor> Tensors { get; private init; } = [];

    internal static RawGguf Parse(byte[] file)
    {
        var parsed = GgufFile.Read(new MemoryStream(file), "original.gguf");
        return new RawGguf
        {
            Alignment = parsed.Alignment,
            Entries = [.. parsed.Metadata.Select(e => Entry.Of(e.Key, e.Value))],
            Tensors = [.. parsed.Tensors.Select(t => new Tensor
            {
                Name = t.Name,
                Dims = [.. t.Shape.Select(n => (ulong)n)],
                Type = (uint)t.Type,
                Offset = (ulong)t.Offset,
                Data = file.AsMemory((int)(parsed.DataOffset + t.Offset), (int)t.Bytes),
            })],
        };
    }

    /// <summary>A copy whose lists can be changed; payload bytes are shared and must be replaced, not changed.</summary>
    internal RawGguf Clone() => new()
    {
        Version = Version,
        Alignment = Alignment,
        Entries = [.. Entries.Select(e => e.Clone())],
        Tensors = [.. Tensors.Select(t => t.Clone())],
    };

    internal Entry? Find(string key) => Entries.Find(e => e.Key == key);

    internal string Architecture => Find("general.architecture") is { } entry ? Encoding.UTF8.GetString(entry.Items[0]) : "llama";

    internal void Set(string key, GgufValue value)
    {
        int at = Entries.FindIndex(e => e.Key == key);
        if (at < 0) Entries.Add(Entry.Of(key, value));
        else Entries[at] = Entry.Of(key, value);
    }

    /// <summary>Gives every tensor the bytes its dims and type ask for, one after another; false if they would be too many.</summary>
    internal bool Relayout(Random random, long limit)
    {
        ulong offset = 0;
        foreach (var tensor in Tensors)
        {
            if (GgmlTypes.Block((GgmlType)tensor.Type) is not { } block || tensor.Dims.Length == 0) return false;
            double elements = tensor.Dims.Aggregate(1.0, (n, d) => n * d);
            if (elements / block.Elements * block.Bytes > limit - (double)offset) return false;
            int bytes = (int)((long)elements / block.Elements * block.Bytes);
            if (tensor.Data.Length != bytes)
            {
                var data = new byte[bytes];
                tensor.Data.Span[..Math.Min(bytes, tensor.Data.Length)].CopyTo(data);
                if (bytes > tensor.Data.Length) random.NextBytes(data.AsSpan(tensor.Data.Length, Math.Min(bytes - tensor.Data.Length, 4096)));
                tensor.Data = data;
            }
            tensor.Offset = offset;
            offset += ((ulong)bytes + Alignment - 1) / Alignment * Alignment;
        }
        return true;
    }

    internal byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)Tensors.Count);
        writer.Write(EntryCount ?? (ulong)Entries.Count);
        foreach (var entry in Entries) entry.Write(writer);
        foreach (var tensor in Tensors) tensor.WriteInfo(writer);
        Pad(stream);
        long start = stream.Position;
        foreach (var tensor in Tensors)
        {
            // A wrong offset is told, but the data stays where it was.
            writer.Write(tensor.Data.Span);
            Pad(stream);
        }
        stream.SetLength(Math.Max(stream.Position, start));
        return stream.ToArray();
    }

    private void Pad(Stream stream)
    {
        while (stream.Position % Math.Max(1, Alignment) != 0) stream.WriteByte(0);
    }

    /// <summary>One metadata entry; a scalar has one item and no element type.</summary>
    internal sealed class Entry
    {
        internal string Key = "";
        internal uint Type;
        internal uint? ElementType;
        internal ulong? Count;
        internal int BadLengthAt = -1;
        internal ulong BadLength;

        internal List<byte[]> Items { get; set; } = [];

        internal bool IsText => (ElementType ?? Type) == (uint)GgufValueType.String;

        internal static Entry Of(string key, GgufValue value)
        {
            int size = GgufValue.ElementBytes(value.ElementType);
            return new Entry
            {
                Key = key,
                Type = (uint)value.Type,
                ElementType = value.IsArray ? (uint)value.ElementType : null,
                Items = [.. Enumerable.Range(0, value.Count).Select(i => size == 0 ? value.Utf8(i).ToArray() : value.Data.Slice(i * size, size).ToArray())],
            };
        }

        internal Entry Clone()
        {
            var copy = (Entry)MemberwiseClone();
            copy.Items = [.. Items];
            return copy;
        }

        internal void Write(BinaryWriter writer)
        {
            WriteText(writer, Encoding.UTF8.GetBytes(Key));
            writer.Write(Type);
            if (ElementType is { } element)
            {
                writer.Write(element);
                writer.Write(Count ?? (ulong)Items.Count);
            }
            for (int i = 0; i < Items.Count; i++)
            {
                if (IsText) writer.Write(i == BadLengthAt ? BadLength : (ulong)Items[i].Length);
                writer.Write(Items[i]);
            }
        }
    }

    internal sealed class Tensor
    {
        internal string Name = "";
        internal ulong[] Dims = [];
        internal uint Type;
        internal ulong Offset;
        internal uint? DimCount;

        internal ReadOnlyMemory<byte> Data { get; set; }

        internal Tensor Clone()
        {
            var copy = (Tensor)MemberwiseClone();
            copy.Dims = [.. Dims];
            return copy;
        }

        internal void WriteInfo(BinaryWriter writer)
        {
            WriteText(writer, Encoding.UTF8.GetBytes(Name));
            writer.Write(DimCount ?? (uint)Dims.Length);
            foreach (ulong size in Dims) writer.Write(size);
            writer.Write(Type);
            writer.Write(Offset);
        }
    }

    private static void WriteText(BinaryWriter writer, ReadOnlySpan<byte> text)
    {
        writer.Write((ulong)text.Length);
        writer.Write(text);
    }
}
