using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>Faults of the container: counts, lengths, types, alignment and the places of tensors.</summary>
internal static class ContainerMutations
{
    private static readonly ulong[] Absurd = [0, 1, 1 << 16, 1 << 24, 1UL << 31, 1UL << 32, 1UL << 40, long.MaxValue, ulong.MaxValue];

    internal static readonly Mutation[] All =
    [
        new(1, "magic", (f, r) => f.Magic = [.. f.Magic.Select((b, i) => i == r.Next(4) ? (byte)r.Next(256) : b)]),
        new(1, "version", (f, r) => f.Version = (uint[])[0, 1, 2, 4, 0x03000000, uint.MaxValue] is var v ? v[r.Next(v.Length)] : 3),
        new(1, "tensor count", (f, r) => f.TensorCount = Count(f.Tensors.Count, r)),
        new(1, "entry count", (f, r) => f.EntryCount = Count(f.Entries.Count, r)),
        new(2, "alignment", Alignment),
        new(1, "duplicate key", (f, r) => f.Entries.Add(Pick(f.Entries, r).Clone())),
        new(1, "duplicate tensor", (f, r) => f.Tensors.Add(Pick(f.Tensors, r).Clone())),
        new(1, "text length", TextLength),
        new(1, "array length", (f, r) => Arrays(f, r)?.Count = Absurd[r.Next(Absurd.Length)]),
        new(1, "value type", (f, r) => Pick(f.Entries, r).Type = (uint)r.Next(16)),
        new(1, "element type", (f, r) => Arrays(f, r)?.ElementType = (uint)r.Next(16)),
        new(1, "bad bool", (f, r) => Replace(f.Entries.Find(e => e.Type == (uint)GgufValueType.Bool), [(byte)r.Next(2, 256)])),
        new(1, "odd key", (f, r) => Pick(f.Entries, r).Key = ((string[])["", "a\0b", "\ud800", new string('k', 70_000), "general.name"])[r.Next(5)]),
        new(1, "odd tensor name", (f, r) => Pick(f.Tensors, r).Name = ((string[])["", "a\0b", new string('n', r.Next(60, 70)), "token_embd.weight"])[r.Next(4)]),
        new(2, "layout: offset", (f, r) => Pick(f.Tensors, r).Offset = r.Next(3) switch
        {
            0 => Absurd[r.Next(Absurd.Length)],
            1 => Pick(f.Tensors, r).Offset,
            _ => (ulong)r.NextInt64(1 << 20),
        }),
        new(1, "layout: swapped tensors", (f, r) =>
        {
            int a = r.Next(f.Tensors.Count), b = r.Next(f.Tensors.Count);
            (f.Tensors[a], f.Tensors[b]) = (f.Tensors[b], f.Tensors[a]);
        }),
        new(1, "layout: dims count", (f, r) => Pick(f.Tensors, r).DimCount = (uint)r.Next(8)),
        new(1, "layout: absurd dim", (f, r) =>
        {
            if (Pick(f.Tensors, r) is { Dims.Length: > 0 } tensor) tensor.Dims[r.Next(tensor.Dims.Length)] = Absurd[r.Next(Absurd.Length)];
        }),
        new(1, "layout: tensor type", (f, r) => Pick(f.Tensors, r).Type = (uint)r.Next(50)),
    ];

    internal static T Pick<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];

    internal static void Replace(RawGguf.Entry? entry, byte[] item, int at = 0)
    {
        if (entry is not null && at < entry.Items.Count) entry.Items[at] = item;
    }

    private static ulong Count(int real, Random random) => random.Next(2) == 0 ? Absurd[random.Next(Absurd.Length)] : (ulong)(real + random.Next(-3, 4));

    private static void Alignment(RawGguf file, Random random)
    {
        uint[] values = [0, 1, 2, 4, 8, 16, 32, 64, 128, 4096, 3, 33, 1 << 20, 1 << 21, 1u << 31];
        uint value = values[random.Next(values.Length)];
        file.Set("general.alignment", value);
        if (value is > 0 and <= 4096) file.Alignment = value;
    }

    private static void TextLength(RawGguf file, Random random)
    {
        var texts = file.Entries.Where(e => e.IsText && e.Items.Count > 0).ToArray();
        if (texts.Length == 0) return;
        var entry = texts[random.Next(texts.Length)];
        entry.BadLengthAt = random.Next(entry.Items.Count);
        entry.BadLength = Absurd[random.Next(Absurd.Length)];
    }

    private static RawGguf.Entry? Arrays(RawGguf file, Random random)
    {
        var arrays = file.Entries.Where(e => e.ElementType is not null).ToArray();
        return arrays.Length == 0 ? null : arrays[random.Next(arrays.Length)];
    }
}
