using AgentKit.Eval.Runs;
using AgentKit.Eval.Statistics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Comparison;

/// <summary>Compares two finished runs sample by sample, which needs far fewer samples than comparing their means.</summary>
public static class RunComparison
{
    private const double Level = 0.05;

    // The 0.8 quantile of the normal distribution: the power that a minimum detectable difference is stated for.
    private const double Normal80 = 0.8416212335729143;

    /// <summary>Compares the tasks that both runs hold.</summary>
    /// <param name="pathA">The first run's folder.</param>
    /// <param name="pathB">The second run's folder.</param>
    /// <param name="resamples">Resamples of the bootstrap, 40 or more.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="cancellationToken">Cancels between resamples.</param>
    /// <exception cref="UserInputException">
    /// A folder holds no finished run, they share no task, or a task was asked differently.
    /// </exception>
    public static IReadOnlyList<TaskComparison> Compare(
        string pathA, string pathB, int resamples = 10_000, int seed = 12345, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 40);
        EvalResult a = RunFolder.Load(pathA).Result, b = RunFolder.Load(pathB).Result;
        (TaskResult A, TaskResult B)[] shared =
            [.. a.Tasks.Join(b.Tasks, task => task.Task, task => task.Task, (one, other) => (one, other))];
        if (shared.Length == 0)
        {
            string Names(EvalResult run) =>
                string.Join(", ", [.. run.Tasks.Select(task => task.Task), .. run.Failed.Select(task => $"{task.Task} (every sample failed)")]);
            throw new UserInputException("B", $"B: the runs share no task with a number: A has {Names(a)}, B has {Names(b)}.");
        }

        foreach ((TaskResult one, TaskResult other) in shared)
        {
            string[] differences = [.. Signatures.Differences(one.Signature, other.Signature)];
            if (differences.Length > 0)
            {
                throw new UserInputException(
                    "B", $"B: {one.Task} was asked differently, so its numbers cannot be compared: {string.Join("; ", differences)} ('there' is A, 'here' is B).");
            }
        }

        Pairs[] pairs = [.. shared.Select(
            task => new Pairs(task.A, RunFolder.LoadSamples(pathA, task.A.Task), RunFolder.LoadSamples(pathB, task.A.Task)))];
        TaskComparison[] compared = [.. pairs.Select(one => one.Compare(resamples, seed, cancellationToken))];
        IReadOnlyList<double> corrected = Holm.Adjust([.. compared.Select(task => task.PValue)]);
        return [.. compared.Select((task, i) => task with { PHolm = corrected[i], Significant = corrected[i] < Level })];
    }

    /// <summary>The tasks that only one of two runs has a number for; comparing the runs leaves them out.</summary>
    /// <param name="pathA">The first run's folder.</param>
    /// <param name="pathB">The second run's folder.</param>
    /// <exception cref="UserInputException">A folder holds no finished run.</exception>
    public static IReadOnlyList<UncomparedTask> Uncompared(string pathA, string pathB)
    {
        Dictionary<string, string> a = States(RunFolder.Load(pathA).Result), b = States(RunFolder.Load(pathB).Result);
        return
        [
            .. a.Keys.Union(b.Keys)
                .Select(task => new UncomparedTask(
                    task, a.GetValueOrDefault(task, UncomparedTask.Absent), b.GetValueOrDefault(task, UncomparedTask.Absent)))
                .Where(task => task.A != UncomparedTask.Measured || task.B != UncomparedTask.Measured)
        ];

        static Dictionary<string, string> States(EvalResult run) => run.Tasks.Select(task => (task.Task, State: UncomparedTask.Measured))
            .Concat(run.Failed.Select(task => (task.Task, State: UncomparedTask.Failed))).ToDictionary(task => task.Task, task => task.State);
    }

    /// <summary>Sums of both runs over each cluster of samples, and how many samples it stands for.</summary>
    private sealed class Pairs
    {
        private readonly TaskResult _task;
        private readonly double[] _a;
        private readonly double[] _b;
        private readonly double[] _weights;
        private readonly bool _single;
        private readonly int _unpaired;

        public Pairs(TaskResult task, IReadOnlyList<SampleRecord> a, IReadOnlyList<SampleRecord> b)
        {
            _task = task;
            Dictionary<string, SampleRecord> others = b.Where(record => record.Metrics is not null).ToDictionary(record => record.Id);
            (SampleRecord A, SampleRecord B)[] both =
                [.. a.Where(record => record.Metrics is not null && others.ContainsKey(record.Id))
                    .Select(record => (record, others[record.Id]))];
            if (both.Length == 0) throw new UserInputException("B", $"B: {task.Task}: the runs have no graded sample in common.");
            _unpaired = a.Count(record => record.Metrics is not null) + others.Count - 2 * both.Length;
            // pass@1 and pass^1 are made of attempts, and each problem counts once; else each sample does, as in the run's own number.
            bool attempts = !both[0].A.Metrics!.ContainsKey(task.Metric);
            string source = attempts ? both[0].A.Metrics!.Keys.First() : task.Metric;
            var clusters = both.GroupBy(pair => pair.A.Cluster ?? "\n" + pair.A.Id).Select(cluster => cluster.ToArray()).ToArray();
            _single = clusters.All(cluster => cluster.Length == 1);
            _weights = [.. clusters.Select(cluster => attempts ? 1.0 : cluster.Length)];
            _a = [.. clusters.Select((cluster, i) => _weights[i] * cluster.Average(pair => pair.A.Metrics![source]))];
            _b = [.. clusters.Select((cluster, i) => _weights[i] * cluster.Average(pair => pair.B.Metrics![source]))];
        }

        public TaskComparison Compare(int resamples, int seed, CancellationToken cancellationToken)
        {
            double samples = _weights.Sum(), a = _a.Sum() / samples, b = _b.Sum() / samples, difference = b - a;
            double[] differences = [.. _a.Zip(_b, (one, other) => other - one)];
            bool binary = _single && _a.Concat(_b).All(value => value is 0 or 1);
            int onlyA = differences.Count(value => value < 0), onlyB = differences.Count(value => value > 0);
            double[] resampled = Resampled(differences, resamples, seed, cancellationToken);
            double p = binary ? McNemar.Exact(onlyA, onlyB) : Shifted(resampled, difference, differences.Length);
            ConfidenceInterval interval = Bootstrap.Percentiles(resampled);
            return new(
                _task.Task,
                _task.Metric,
                _a.Length,
                _unpaired,
                a,
                b,
                difference,
                differences.Length > 1 ? [interval.Lower, interval.Upper] : null,
                p,
                p,
                binary ? "mcnemar_exact" : "paired_bootstrap",
                binary ? onlyA : null,
                binary ? onlyB : null,
                Detectable(differences, difference),
                false);
        }

        private double[] Resampled(double[] differences, int resamples, int seed, CancellationToken cancellationToken)
        {
            var random = new Random(seed);
            int[] drawn = new int[differences.Length];
            double[] means = new double[resamples];
            for (int i = 0; i < resamples; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Bootstrap.Draw(random, drawn);
                means[i] = drawn.Sum(at => differences[at]) / drawn.Sum(at => _weights[at]);
            }

            return means;
        }

        /// <summary>Under chance alone the differences would lie about zero: theirs are moved there (Koehn 2004, as for texts).</summary>
        private static double Shifted(double[] resampled, double difference, int count)
        {
            double mean = resampled.Average();
            // Equal runs differ by rounding at most.
            int beyond = resampled.Count(value => Math.Abs(value - mean) >= Math.Abs(difference) - 1e-12);
            // Few samples cannot be resampled into certainty: chance gives so many differences one sign in 2 of 2ⁿ cases.
            return Math.Max((beyond + 1.0) / (resampled.Length + 1.0), Math.Pow(2, 1 - count));
        }

        private double Detectable(double[] differences, double mean)
        {
            if (differences.Length < 2) return 1;
            double each = _weights.Average();
            double spread = differences.Select((value, i) => (value - mean * _weights[i]) / each).Sum(value => value * value);
            // Where no sample differs, one that did would be the least that shows.
            double variance = Math.Max(spread / (differences.Length - 1), 1 / (each * each * differences.Length));
            return (Proportion.Normal95 + Normal80) * Math.Sqrt(variance / differences.Length);
        }
    }
}
