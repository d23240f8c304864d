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

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var made = new GeneratedEmbeddings<Embedding<float>>();
        foreach (string value in values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            made.Add(new Embedding<float>(Embed(value)) { ModelId = Name });
        }

        return Task.FromResult(made);
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

    /// <summary>The vector of a text.</summary>
    /// <returns>[384], of length 1, or 0 for a text without words.</returns>
    internal static float[] Embed(string text)
    {
        LexicalTerms terms = LexicalTerms.Current;
        Analyzer.Analyze(text, ref terms);
        return terms.ToVector();
    }
}
