namespace AgentKit.Training.Engine;

/// <summary>
/// Which keys the queries of a block attend to. That depends on their distance alone, so all blocks of a sample take their part of one band: row i, column c stands for a query
/// that comes i + <paramref name="Before"/> − c tokens after the key.
/// </summary>
/// <param name="Queries">Queries of a block.</param>
/// <param name="Window">Tokens each token attends to, itself included; 0 for all before it.</param>
/// <param name="Before">Most keys before a block's first query.</param>
internal sealed record AttentionMask(long Queries, long Window, long Before)
{
    /// <summary>ggml's fast kernels need sums of so many terms, and attention sums over keys.</summary>
    private const long KeyStep = 16;

    /// <summary>Tensor [before + queries, queries], added to scores: 0 where a query attends, −∞ where it does not.</summary>
    public nint Tensor { get; init; }

    /// <summary>Columns of the band.</summary>
    public long Columns => Before + Queries;

    /// <summary>The mask of samples of a length.</summary>
    public static AttentionMask For(long tokens, long queries, long window)
    {
        long effective = window < tokens ? window : 0, last = (tokens - 1) / queries * queries;
        long before = 0;
        for (long query = 0; query <= last; query += queries) before = Math.Max(before, query - FirstKey(query, effective));
        return new(queries, effective, before);
    }

    /// <summary>The first key that a block needs.</summary>
    /// <param name="query">The block's first query.</param>
    public long FirstKey(long query) => FirstKey(query, Window);

    /// <summary>The band's numbers.</summary>
    public float[] Values()
    {
        var values = new float[Queries * Columns];
        for (long i = 0; i < Queries; i++)
        {
            for (long column = 0; column < Columns; column++)
            {
                long distance = i + Before - column;
                if (distance < 0 || (Window > 0 && distance >= Window)) values[(i * Columns) + column] = float.NegativeInfinity;
            }
        }

        return values;
    }

    private static long FirstKey(long query, long window) => window == 0 ? 0 : Math.Max(0, query - window + 1) / KeyStep * KeyStep;
}
