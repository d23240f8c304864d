using AgentKit.Eval.Statistics;
using AgentKit.Eval.Tasks;

namespace AgentKit.Eval.Runs;

/// <summary>From graded samples to a task's numbers with intervals.</summary>
internal sealed class Aggregation
{
    private const int Resamples = 1000;

    private readonly TaskMetric _metric;
    private readonly SampleRecord[][] _clusters;

    private Aggregation(TaskMetric metric, IEnumerable<SampleRecord> records)
    {
        _metric = metric;
        _clusters = [.. records.GroupBy(record => record.Cluster ?? "\n" + record.Id).Select(group => group.ToArray())];
    }

    /// <summary>A metric over samples that were graded; <c>null</c> when it cannot be told, such as pass@10 of one attempt.</summary>
    public static MetricResult? Of(TaskMetric metric, IReadOnlyList<SampleRecord> records, int seed)
    {
        var aggregation = new Aggregation(metric, records);
        if (metric.Kind is MetricKind.PassAtK or MetricKind.PassHatK && aggregation._clusters.Any(cluster => cluster.Length < metric.K))
            return null;
        return aggregation.Measure(records, seed);
    }

    private MetricResult Measure(IReadOnlyList<SampleRecord> records, int seed)
    {
        double value = ValueOf(Enumerable.Range(0, _clusters.Length));
        if (IsShare(records))
        {
            int n = _clusters.Length;
            ConfidenceInterval wilson = Proportion.Wilson((int)Math.Round(value * n), n);
            // The sample deviation of zeros and ones, as lm-evaluation-harness has it.
            return new(_metric.Name, value, n > 1 ? Math.Sqrt(value * (1 - value) / (n - 1)) : null, [wilson.Lower, wilson.Upper]);
        }

        if (_clusters.Length == 1) return new(_metric.Name, value, null, null);
        ConfidenceInterval interval = Bootstrap.Interval(_clusters.Length, drawn => ValueOf(drawn), Resamples, seed);
        // Resampling what is all the same says nothing about how far it would spread.
        return new(_metric.Name, value, StandardError(seed), interval.Lower < interval.Upper ? [interval.Lower, interval.Upper] : null);
    }

    /// <summary>
    /// Whether the value is a share of right ones among independent samples. Clusters all of whose samples came out the same count as one sample each:
    /// no resample of them would differ, which must not pass for certainty.
    /// </summary>
    private bool IsShare(IReadOnlyList<SampleRecord> records)
    {
        double first = records[0].Metrics![_metric.Source];
        return _metric.Kind is MetricKind.Mean or MetricKind.PassAtK or MetricKind.PassHatK
            && records.All(record => record.Metrics![_metric.Source] is 0 or 1)
            && (_clusters.Length == records.Count || records.All(record => record.Metrics![_metric.Source] == first));
    }

    /// <summary>Of a mean over single samples from their deviation; else from resampling whole clusters.</summary>
    private double StandardError(int seed)
    {
        if (_metric.Kind == MetricKind.Mean && _clusters.All(cluster => cluster.Length == 1))
        {
            double[] single = [.. _clusters.Select(cluster => cluster[0].Metrics![_metric.Source])];
            double mean = single.Average();
            return Math.Sqrt(single.Sum(value => (value - mean) * (value - mean)) / (single.Length - 1) / single.Length);
        }

        double[] values = new double[Resamples];
        var random = new Random(seed);
        int[] drawn = new int[_clusters.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Bootstrap.Draw(random, drawn);
            values[i] = ValueOf(drawn);
        }

        double middle = values.Average();
        return Math.Sqrt(values.Sum(value => (value - middle) * (value - middle)) / (values.Length - 1));
    }

    private double ValueOf(IEnumerable<int> drawn)
    {
        if (_metric.Figure is { } figure) return figure(drawn.SelectMany(i => _clusters[i]).Select(record => record.Metrics!));
        double sum = 0, weight = 0;
        foreach (int i in drawn)
        {
            SampleRecord[] cluster = _clusters[i];
            if (_metric.Kind is MetricKind.PassAtK or MetricKind.PassHatK)
            {
                int right = cluster.Count(record => record.Metrics![_metric.Source] == 1);
                sum += _metric.Kind == MetricKind.PassAtK
                    ? Proportion.PassAtK(cluster.Length, right, _metric.K) : Proportion.PassHatK(cluster.Length, right, _metric.K);
                weight++;
                continue;
            }

            foreach (SampleRecord record in cluster)
            {
                sum += record.Metrics![_metric.Source];
                weight += _metric.Per is { } per ? record.Metrics![per] : 1;
            }
        }

        double mean = weight > 0 ? sum / weight : 0;
        return _metric.Kind == MetricKind.Perplexity ? Math.Exp(-mean) : mean;
    }
}
