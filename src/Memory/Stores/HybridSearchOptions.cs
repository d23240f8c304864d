namespace AgentKit.Memory.Stores;

/// <summary>How the ranks by vector and by keyword are made one.</summary>
public sealed record HybridSearchOptions : VectorSearchOptions
{
    /// <summary>k of reciprocal rank fusion: score = Σ weight / (k + rank), ranks from 1. It is computed here and therefore the same for every store.</summary>
    /// <value>1 to 10,000.</value>
    public int RrfK
    {
        get;
        init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(RrfK), value, "1..10000");
    } = 60;

    /// <summary>Weight of the rank by vector.</summary>
    /// <value>0 or more.</value>
    public double VectorWeight { get; init => field = Checked(nameof(VectorWeight), value); } = 1;

    /// <summary>Weight of the rank by keyword.</summary>
    /// <value>0 or more.</value>
    public double KeywordWeight { get; init => field = Checked(nameof(KeywordWeight), value); } = 1;

    private static double Checked(string name, double value) =>
        value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "0 or more");
}
