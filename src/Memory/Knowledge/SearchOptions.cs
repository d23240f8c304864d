using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Knowledge;

/// <summary>What a search compares and returns.</summary>
public sealed record SearchOptions
{
    /// <summary>Most hits.</summary>
    /// <value>1 to 1,000.</value>
    public int Count
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(Count), value, "1..1000");
    } = 10;

    /// <summary>What is compared; when <c>null</c>, words and, where the index has vectors, those too.</summary>
    public SearchMode? Mode { get; init; }

    /// <summary>Only documents with certain metadata; all when <c>null</c>. As many hits are found as if there were no others.</summary>
    public MetadataFilter? Filter { get; init; }

    /// <summary>Only the best chunk of each document.</summary>
    public bool OnePerDocument { get; init; }

    /// <summary>Compares vectors so that no near one can be missed; otherwise one may be, rarely, for a search that is several times faster.</summary>
    public bool Exact { get; init; }

    /// <summary>k of reciprocal rank fusion: the larger, the less the first ranks count.</summary>
    /// <value>1 to 10,000.</value>
    public int RrfK
    {
        get;
        init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(RrfK), value, "1..10000");
    } = 60;

    /// <summary>Weight of the ranks by keyword.</summary>
    /// <value>0 or more.</value>
    public double KeywordWeight
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(KeywordWeight), value, "0 or more");
    } = 1;

    /// <summary>Weight of the ranks by vector. When <c>null</c>, 1, and 0.2 for vectors that know no meaning (<see cref="Vectors.LexicalEmbedder"/>).</summary>
    /// <value>0 or more.</value>
    public double? DenseWeight
    {
        get;
        init => field = value is null or >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(DenseWeight), value, "0 or more");
    }

    /// <summary>How much hits should differ from each other, by maximal marginal relevance of their vectors: 0 not at all, 1 only that.</summary>
    /// <value>0 to 1.</value>
    public double Diversity
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Diversity), value, "0..1");
    }

    /// <summary>Orders the best candidates anew; none when <c>null</c>.</summary>
    public IReranker? Reranker { get; init; }

    /// <summary>How many of the best candidates the <see cref="Reranker"/> looks at, or as many as hits are wanted, if those are more.</summary>
    /// <value>1 to 1,000.</value>
    public int RerankCount
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(RerankCount), value, "1..1000");
    } = 100;

    /// <summary>Lengthens hits by the chunks around them in their section, up to this many characters; 0 leaves them as they are.</summary>
    /// <value>0 to 1,000,000.</value>
    public int ExpandTo
    {
        get;
        init => field = value is >= 0 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(ExpandTo), value, "0..1000000");
    }
}
