using AgentKit.Training.Data;

namespace AgentKit.Training.Engine;

/// <summary>
/// Samples side by side in one run of tokens; none sees another. Only positions whose prediction counts are turned into logits.
/// </summary>
public sealed class Pack
{
    /// <param name="samples">One or more.</param>
    /// <exception cref="ArgumentException">There is none, or nothing in them is to be learned.</exception>
    public Pack(IReadOnlyList<TrainingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Samples = samples;
        Tokens = [.. samples.SelectMany(sample => sample.Tokens)];
        Positions = [.. samples.SelectMany(sample => Enumerable.Range(0, sample.Tokens.Length))];
        List<int> rows = [], targets = [];
        List<double> weights = [];
        var ranges = new Range[samples.Count];
        int[] ends = new int[samples.Count];
        int begin = 0;
        for (int s = 0; s < samples.Count; s++)
        {
            int first = rows.Count;
            for (int t = 1; t < samples[s].Tokens.Length; t++)
            {
                if (samples[s].Weights[t] == 0) continue;
                rows.Add(begin + t - 1);
                targets.Add(samples[s].Tokens[t]);
                weights.Add(samples[s].Weights[t]);
            }

            ranges[s] = first..rows.Count;
            begin += samples[s].Tokens.Length;
            ends[s] = begin - 1;
        }

        if (rows.Count == 0) throw new ArgumentException("Nothing in the samples is to be learned.", nameof(samples));
        (Rows, Targets, Weights, Ranges, Ends) = ([.. rows], [.. targets], [.. weights], ranges, ends);
    }

    /// <summary>The samples.</summary>
    public IReadOnlyList<TrainingSample> Samples { get; }

    /// <summary>Tokens of all samples, one after another.</summary>
    public int[] Tokens { get; }

    /// <summary>Weights of the predictions that count, in order.</summary>
    public double[] Weights { get; }

    /// <summary>Which of the counting predictions belong to which sample.</summary>
    public IReadOnlyList<Range> Ranges { get; }

    /// <summary>The last token of each sample.</summary>
    internal int[] Ends { get; }

    /// <summary>Position of each token in its sample.</summary>
    internal int[] Positions { get; }

    /// <summary>The token after which each counting prediction is made.</summary>
    internal int[] Rows { get; }

    /// <summary>The token that each counting prediction should be.</summary>
    internal int[] Targets { get; }
}
