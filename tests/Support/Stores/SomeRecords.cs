using AgentKit.Memory.Stores;

namespace AgentKit.Tests.Support;

/// <summary>Records of a shape that has every kind of field.</summary>
internal static class SomeRecords
{
    public const int Dimensions = 8;

    private static readonly string[] Words = ["harbour", "lantern", "granite", "meadow", "copper", "violin", "saffron", "glacier", "orchard", "compass"];

    public static VectorStoreCollectionDefinition Shape(string name, int dimensions = Dimensions) => new(
        name,
        dimensions,
        new VectorStoreField("kind", VectorStoreFieldType.Keyword),
        new VectorStoreField("tags", VectorStoreFieldType.Keywords),
        new VectorStoreField("size", VectorStoreFieldType.Number),
        new VectorStoreField("note", VectorStoreFieldType.Keyword, IsIndexed: false));

    public static VectorStoreRecord One(string key, string text = "", float[]? vector = null, params (string Field, object Value)[] data) => new()
    {
        Key = key,
        Text = text,
        Vector = vector ?? Axis(0),
        Data = data.ToDictionary(one => one.Field, one => one.Value),
    };

    /// <summary>Records whose vectors, words and fields come from a seed.</summary>
    public static VectorStoreRecord[] Many(int count, int seed = 1)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i => One(
                $"r{i:00000}",
                string.Join(' ', Enumerable.Range(0, 3 + random.Next(9)).Select(_ => Words[random.Next(Words.Length)])),
                Vector(random),
                ("kind", $"kind{i % 7}"), ("tags", new[] { $"tag{i % 3}", $"of{i % 100}" }), ("size", i))),
        ];
    }

    public static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];

    public static float[] Axis(int at) => [.. Enumerable.Range(0, Dimensions).Select(i => i == at ? 1f : 0f)];

    public static string Query(Random random) => $"{Words[random.Next(Words.Length)]} {Words[random.Next(Words.Length)]}";

    /// <summary>The cosine, computed apart from the product.</summary>
    public static double Cosine(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b)
    {
        (double dot, double x, double y) = (0, 0, 0);
        for (int i = 0; i < a.Length; i++)
            (dot, x, y) = (dot + (a.Span[i] * b.Span[i]), x + (a.Span[i] * a.Span[i]), y + (b.Span[i] * b.Span[i]));
        return dot / Math.Sqrt(x * y);
    }
}
