using AgentKit.Training.Data;

namespace AgentKit.Training.Engine;

/// <summary>
/// Samples side by side in one run of tokens; none sees another. Only positions whose prediction counts are turned into logits.
/// </summary>
public sealed class Pack
{
    /// <summary>ggml's fast kernels need sums of so many terms, and attention sums over tokens.</summary>
    private const int LengthStep = 16;

    /// <param name="samples">One or more.</param>
    /// <exception cref="ArgumentException">There is none, or nothing in them is to be learned.</exception>
    public Pack(IReadOnlyList<TrainingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Samples = samples;
        Tokens = [.. samples.SelectMany(sample => sample.Tokens)];
        PaddedLengths = [.. samples.Select(sample => (sample.Tokens.Length + LengthStep - 1) / LengthStep * LengthStep)];
        PaddedTokens = [.. samples.SelectMany((sample, s) => sample.Tokens.Concat(Enumerable.Repeat(0, PaddedLengths[s] - sample.Tokens.Length)))];
        Positions = [.. PaddedLengths.SelectMany(length => Enumerable.Range(0, length))];
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
            ends[s] = begin + samples[s].Tokens.Length - 1;
            begin += PaddedLengths[s];
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

    /// <summary>Tokens of each sample and those that fill it up; nothing sees what comes after it, so they change nothing.</summary>
    internal int[] PaddedLengths { get; }

    /// <summary>The tokens as they are computed.</summary>
    internal int[] PaddedTokens { get; }

    /// <summary>Where each sample's last token is computed.</summary>
    internal int[] Ends { get; }

    /// <summary>Position of each computed token in its sample.</summary>
    internal int[] Positions { get; }

    /// <summary>The computed token after which each counting prediction is made.</summary>
    internal int[] Rows { get; }

    /// <summary>The token that each counting prediction should be.</summary>
    internal int[] Targets { get; }
}
