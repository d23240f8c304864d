using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AgentKit.Memory.Knowledge.Terms;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// A vector from the letters of a text, for where no embedding model is at hand: terms and their groups of three letters, hashed with signs
/// (Weinberger et al. 2009, equation 1) and weighted by 1 + ln of their frequency. It knows no meaning; it finds words written in another way.
/// </summary>
public sealed class LexicalEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The name under which an index notes that its vectors are these.</summary>
    public const string Name = "lexical-1";

    /// <summary>Length of the vectors.</summary>
    public const int Dimensions = 384;

    private const float GroupWeight = 0.35f;
    private const int GroupLength = 3;
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(value => new Embedding<float>(Embed(value)) { ModelId = Name })));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("agentkit", defaultModelId: Name, defaultModelDimensions: Dimensions)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Has nothing to free.</summary>
    public void Dispose()
    {
    }

    private static float[] Embed(string text)
    {
        var counts = new TermCounts();
        Analyzer.Analyze(text, ref counts);
        float[] vector = new float[Dimensions];
        foreach ((string term, int count) in counts.Counts)
        {
            float weight = 1 + MathF.Log(count);
            Add(vector, Hash(term), weight);
            string framed = $"^{term}$";
            float share = GroupWeight * weight / MathF.Sqrt(Math.Max(1, framed.Length - GroupLength + 1));
            for (int i = 0; i + GroupLength <= framed.Length; i++) Add(vector, Hash(framed.AsSpan(i, GroupLength)) ^ Prime, share);
        }

        float length = TensorPrimitives.Norm(vector);
        if (length > 0) TensorPrimitives.Divide(vector, length, vector);
        return vector;
    }

    private static void Add(float[] vector, ulong hash, float weight) =>
        vector[(int)((hash >> 1) % Dimensions)] += (hash & 1) == 0 ? weight : -weight;

    /// <summary>FNV-1a with a final mix, the same on every machine.</summary>
    private static ulong Hash(ReadOnlySpan<char> text)
    {
        ulong hash = Offset;
        foreach (char c in text) hash = (hash ^ c) * Prime;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }

    private readonly struct TermCounts : ITermSink
    {
        public TermCounts()
        {
        }

        public Dictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

        public void Add(ReadOnlySpan<char> term) =>
            CollectionsMarshal.GetValueRefOrAddDefault(Counts.GetAlternateLookup<ReadOnlySpan<char>>(), term, out _)++;
    }
}
