using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Stores;

/// <summary>What a search may find.</summary>
public record VectorSearchOptions
{
    /// <summary>Only records that match; all of the scope when <c>null</c>. As many results as wanted are found when there are as many.</summary>
    public MetadataFilter? Filter { get; init; }

    /// <summary>Only results with at least this score.</summary>
    public double? ScoreThreshold { get; init; }

    /// <summary>Whether vectors are read too.</summary>
    public bool IncludeVectors { get; init; }
}
