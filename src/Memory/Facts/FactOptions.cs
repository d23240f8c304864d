using AgentKit.Memory.Knowledge.Vectors;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Facts;

/// <summary>How facts are kept and recalled.</summary>
public sealed record FactOptions
{
    /// <summary>Makes the vectors. Each embedder has facts of its own: those stored with another one are not found.</summary>
    /// <value>The letters of the words, <see cref="LexicalEmbedder"/>.</value>
    public IEmbeddingGenerator<string, Embedding<float>> Embedder { get; init; } = new LexicalEmbedder();

    /// <summary>Names the embedder: small letters, digits, '_' or '-'.</summary>
    public string EmbedderName { get; init; } = LexicalEmbedder.Name;

    /// <summary>Length of the embedder's vectors.</summary>
    public int Dimensions { get; init; } = LexicalEmbedder.Dimensions;

    /// <summary>
    /// Asked when a fact would take the place of another one by its slot: whether it really does. <c>false</c> keeps both. Nobody else's advice retires
    /// a fact: how alike two texts are does not tell whether they contradict each other.
    /// </summary>
    /// <value>None: the slot decides.</value>
    public Func<Fact, Fact, CancellationToken, ValueTask<bool>>? Adviser { get; init; }

    /// <summary>Makes facts, a sentence each, of what a run was asked and answered; used by <see cref="FactConsolidation"/>.</summary>
    /// <value>None: only what was stored by <c>remember</c> is kept.</value>
    public Func<string, string?, CancellationToken, ValueTask<IReadOnlyList<string>>>? Extractor { get; init; }

    /// <summary>Facts with a smaller cosine to the query are recalled only when they share a word with it.</summary>
    /// <value>-1 to 1; 0.25.</value>
    public double LeastSimilarity
    {
        get;
        init => field = value is >= -1 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(LeastSimilarity), value, "-1..1");
    } = 0.25;

    /// <summary>Weight of the rank by age beside those by vector and by keyword, which have 1.</summary>
    /// <value>0 to 10; 0.3.</value>
    public double RecencyWeight
    {
        get;
        init => field = value is >= 0 and <= 10 ? value : throw new ArgumentOutOfRangeException(nameof(RecencyWeight), value, "0..10");
    } = 0.3;

    /// <summary>Characters that the core blocks of a scope may have together: they are in every prompt.</summary>
    /// <value>1 to 100,000; 2000.</value>
    public int MaxCoreCharacters
    {
        get;
        init => field = value is >= 1 and <= 100_000 ? value : throw new ArgumentOutOfRangeException(nameof(MaxCoreCharacters), value, "1..100000");
    } = 2000;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
