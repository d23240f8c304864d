namespace AgentKit.Tests.Support.Gguf;

/// <summary>
/// Makes damaged and hostile variants of a GGUF file. Most are well-formed files with one to three wrong facts, so that they get past the
/// container checks; the rest are damaged containers and raw noise. The same file, count and seed give the same variants.
/// </summary>
public static class GgufMutator
{
    private static readonly Mutation[] Mutations =
        [.. ContainerMutations.All, .. MetadataMutations.All, .. VocabularyMutations.All, .. TensorMutations.All];

    /// <summary>Variants of a valid file, with a name that says what was done.</summary>
    /// <param name="original">A valid GGUF file.</param>
    /// <param name="count">How many variants.</param>
    /// <param name="seed">Chooses them.</param>
    public static IEnumerable<(string Name, byte[] Bytes)> Mutate(byte[] original, int count, int seed)
    {
        var parsed = RawGguf.Parse(original);
        int total = Mutations.Sum(m => m.Weight);
        for (int i = 0; i < count; i++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + i));
            yield return random.Next(10) == 0 ? Noise(original, random) : Structured(parsed, random, total, original.Length);
        }
    }

    private static (string Name, byte[] Bytes) Structured(RawGguf parsed, Random random, int total, int size)
    {
        var file = parsed.Clone();
        var names = new List<string>();
        int changes = random.Next(10) switch { < 6 => 1, < 9 => 2, _ => 3 };
        for (int c = 0; c < changes; c++)
        {
            int pick = random.Next(total);
            var mutation = Mutations.First(m => (pick -= m.Weight) < 0);
            mutation.Apply(file, random);
            names.Add(mutation.Name);
        }
        // Tensors that were changed get a matching layout, unless the layout itself was the target.
        if (!names.Exists(n => n.StartsWith("layout", StringComparison.Ordinal))) file.Relayout(random, (4L * size) + (1 << 20));
        return (string.Join('+', names), file.ToBytes());
    }

    private static (string Name, byte[] Bytes) Noise(byte[] original, Random random)
    {
        var bytes = (byte[])original.Clone();
        // Nearly all structure lies in the head; the data after it is noise already.
        int head = Math.Min(bytes.Length, 24_000);
        switch (random.Next(5))
        {
            case 0:
                for (int n = random.Next(1, 4); n > 0; n--) bytes[random.Next(head)] ^= (byte)(1 << random.Next(8));
                return ("bit flips", bytes);
            case 1:
                return ("truncation", bytes[..random.Next(bytes.Length)]);
            case 2:
                random.NextBytes(bytes.AsSpan(random.Next(head), random.Next(1, 64)));
                return ("byte noise", bytes);
            case 3:
                int from = random.Next(head), length = random.Next(1, 64);
                return ("cut out", [.. bytes.AsSpan(0, from), .. bytes.AsSpan(Math.Min(bytes.Length, from + length))]);
            default:
                bytes.AsSpan(random.Next(head), 8).Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                return ("eight equal bytes", bytes);
        }
    }
}
