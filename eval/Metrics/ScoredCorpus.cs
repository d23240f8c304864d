using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Metrics;

/// <summary>The segments of one system, scored: the corpus score, that of each segment, and that of any resampling.</summary>
public sealed class ScoredCorpus
{
    private readonly double[][] _statistics;

    private ScoredCorpus(TextMetric metric, double[][] statistics, string references)
    {
        Metric = metric;
        _statistics = statistics;
        Signature = metric.Signature(references);
        double[] sum = Sum([.. Enumerable.Range(0, statistics.Length)]);
        Score = metric.Score(sum);
        Explanation = metric.Explain(sum);
    }

    /// <summary>The metric.</summary>
    public TextMetric Metric { get; }

    /// <summary>The score of all segments together.</summary>
    public double Score { get; }

    /// <summary>How it came about; may be empty.</summary>
    public string Explanation { get; }

    /// <summary>What another score must share to be comparable.</summary>
    public string Signature { get; }

    /// <summary>Number of segments.</summary>
    public int Count => _statistics.Length;

    /// <summary>The score of each segment alone.</summary>
    public IReadOnlyList<double> SegmentScores => [.. _statistics.Select(row => Metric.Score(row))];

    /// <summary>Scores segments on all CPUs.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="hypotheses">What was generated, [segment].</param>
    /// <param name="references">
    /// What it is held against, [reference][segment]; an empty one means that the segment has fewer references.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">There is nothing to score, the counts differ, or a segment has no reference.</exception>
    public static ScoredCorpus Of(
        TextMetric metric, IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(hypotheses);
        ArgumentNullException.ThrowIfNull(references);
        if (hypotheses.Count == 0) throw new UserInputException(nameof(hypotheses), "There are no hypotheses to score.");
        if (references.Count == 0) throw new UserInputException(nameof(references), "There are no references; one or more are needed.");
        for (int i = 0; i < references.Count; i++)
        {
            if (references[i].Count != hypotheses.Count)
            {
                throw new UserInputException(
                    $"references[{i}]",
                        $"references[{i}] has {references[i].Count:N0} segments, the hypotheses {hypotheses.Count:N0}; they must be equal.");
            }
        }

        double[][] statistics = new double[hypotheses.Count][];
        int[] counts = new int[hypotheses.Count];
        Parallel.For(0, hypotheses.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            string[] given = [.. references.Select(column => column[i]).Where(text => text.Length > 0)];
            counts[i] = given.Length;
            statistics[i] = given.Length > 0 ? metric.Statistics(hypotheses[i], given) : [];
        });
        int without = Array.IndexOf(counts, 0);
        if (without >= 0)
            throw new UserInputException(nameof(references), $"Segment {without + 1:N0} has only empty references; one must hold text.");
        return new(metric, statistics, counts.Distinct().Count() == 1 ? $"{counts[0]}" : "var");
    }

    /// <summary>The score of a sample of segments, each as often as it is named.</summary>
    /// <param name="segments">Indices from 0.</param>
    public double ScoreOf(IReadOnlyList<int> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return Metric.Score(Sum(segments));
    }

    /// <summary>The scores of two systems after some of their segments were exchanged.</summary>
    /// <param name="other">The other system, with the same metric and segments.</param>
    /// <param name="exchange">Which segments go to the other system, [segment].</param>
    internal (double This, double Other) ScoreExchanged(ScoredCorpus other, ReadOnlySpan<bool> exchange)
    {
        double[] mine = new double[_statistics[0].Length];
        double[] theirs = new double[mine.Length];
        for (int i = 0; i < _statistics.Length; i++)
        {
            Add(_statistics[i], exchange[i] ? theirs : mine);
            Add(other._statistics[i], exchange[i] ? mine : theirs);
        }

        return (Metric.Score(mine), Metric.Score(theirs));
    }

    private double[] Sum(IReadOnlyList<int> segments)
    {
        double[] sum = new double[_statistics[0].Length];
        for (int i = 0; i < segments.Count; i++) Add(_statistics[segments[i]], sum);
        return sum;
    }

    private static void Add(double[] row, double[] sum)
    {
        for (int i = 0; i < row.Length; i++) sum[i] += row[i];
    }
}
