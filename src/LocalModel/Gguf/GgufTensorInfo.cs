namespace AgentKit.Models.Gguf;

/// <summary>What a GGUF file says about one tensor; the data itself is read with <see cref="GgufFile.ReadTensor"/>.</summary>
/// <param name="Name">Unique in the file, below 64 bytes.</param>
/// <param name="Type">How the elements are stored.</param>
/// <param name="Shape">One to four sizes, the fastest-running first: a matrix of <c>out</c> rows with <c>in</c> columns is <c>[in, out]</c>.</param>
/// <param name="Offset">Bytes from the start of the data section.</param>
public sealed record GgufTensorInfo(string Name, GgmlType Type, IReadOnlyList<long> Shape, long Offset)
{
    /// <summary>Product of the sizes.</summary>
    public long Elements { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Bytes of the stored elements, without padding.</summary>
    public long Bytes => GgmlTypes.Bytes(Type, Elements);

    /// <summary>The name with the shape and type, for messages.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}] {Type}";
}
