namespace AgentKit.Training.Engine;

/// <summary>
/// How attention fits into the memory it may take: as a whole where all samples of a pack fit, else in blocks of queries, whose weights the backward pass computes anew.
/// </summary>
internal sealed class AttentionPlan
{
    /// <summary>Matrices of scores at once in the backward pass: weights, their derivatives, and either transposed where products need that.</summary>
    private const long Matrices = 4;

    private const long QueryStep = 16;

    private readonly long _bytesPerPair;
    private readonly long _bytes;

    /// <param name="lengths">Tokens of the samples.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="bytes">Most bytes of scores at once.</param>
    public AttentionPlan(IEnumerable<int> lengths, long heads, long bytes)
    {
        (_bytesPerPair, _bytes) = (Matrices * heads * sizeof(float), bytes);
        IsWhole = lengths.Sum(length => (double)length * length) * _bytesPerPair <= bytes;
    }

    /// <summary>Whether everything fits.</summary>
    public bool IsWhole { get; }

    /// <summary>Queries of a block; never below 16.</summary>
    public long Queries(long tokens) => IsWhole ? tokens : Math.Clamp(_bytes / (_bytesPerPair * tokens) / QueryStep * QueryStep, QueryStep, tokens);
}
