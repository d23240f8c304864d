using AgentKit.Eval.Tasks;

namespace AgentKit.Eval.Runs;

/// <summary>Holds samples that were computed together against the same ones computed alone.</summary>
internal static class BatchingCheck
{
    /// <summary>So many positions, spread evenly.</summary>
    public static IEnumerable<int> Positions(int count, int wanted)
    {
        int taken = Math.Min(count, wanted);
        return Enumerable.Range(0, taken).Select(i => (int)((long)i * count / taken));
    }

    /// <summary>The difference; <c>null</c> when no pair was graded on both sides.</summary>
    public static BatchingDifference? Of(TaskMetric metric, IEnumerable<(SampleRecord Batched, SampleRecord Alone)> pairs)
    {
        (SampleRecord Batched, SampleRecord Alone)[] graded = [.. pairs.Where(pair => pair.Batched.Metrics is not null && pair.Alone.Metrics is not null)];
        if (graded.Length == 0) return null;
        double[] moved = [.. graded.SelectMany(pair => LogProbabilities(pair.Batched).Zip(LogProbabilities(pair.Alone), (one, other) => Math.Abs(one - other)))];
        return new(
            graded.Length,
            graded.Count(pair => pair.Batched.Prediction != pair.Alone.Prediction),
            Mean(graded, pair => pair.Batched) - Mean(graded, pair => pair.Alone),
            moved.Length > 0 ? moved.Max() : null);

        double Mean((SampleRecord Batched, SampleRecord Alone)[] all, Func<(SampleRecord Batched, SampleRecord Alone), SampleRecord> side) =>
            all.Average(pair => side(pair).Metrics![metric.Source]);
    }

    private static IEnumerable<double> LogProbabilities(SampleRecord record) => (record.Choices ?? []).SelectMany(choice => choice.LogProbabilities);
}
