namespace AgentKit.Training.Objectives;

/// <summary>
/// Proximal policy optimization (Schulman et al. 2017, equations 7 and 9, without the entropy bonus): the mean over all tokens of
/// −min(ρA, clip(ρ, 1−ε, 1+ε)·A) + c·½·(V − R)². Where values are clipped (not in the paper, usual in implementations; Engstrom et al. 2020)
/// the square is the larger one of V and of V clipped to the old value ± ε_V.
/// </summary>
public static class PpoObjective
{
    /// <summary>Loss and derivatives by log-probabilities and values.</summary>
    /// <param name="rows">One or more.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <exception cref="ArgumentException">The batch is empty or a row is malformed.</exception>
    public static ObjectiveResult<PpoGradient[]> Compute(IReadOnlyList<PpoRow> rows, PpoOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(rows, nameof(rows));
        foreach (PpoRow row in rows) row.Check(options.ValueClip is not null);
        double tokens = rows.Sum(row => row.Completion.Tokens), loss = 0;
        var gradient = new PpoGradient[rows.Count];
        for (int i = 0; i < gradient.Length; i++)
        {
            PpoRow row = rows[i];
            double[] old = row.Completion.RequiredOld();
            gradient[i] = new(new double[old.Length], new double[old.Length]);
            for (int t = 0; t < old.Length; t++)
            {
                (double value, double slope) = ClippedSurrogate.Of(row.Completion.Policy[t], old[t], row.Advantages[t], options.Clip, options.Clip);
                (double square, double valueSlope) = ValueLoss(row.Values[t], row.Returns[t], row.OldValues?[t], options.ValueClip);
                loss += (value + (options.ValueCoefficient * square)) / tokens;
                gradient[i].LogProbabilities[t] = slope / tokens;
                gradient[i].Values[t] = options.ValueCoefficient * valueSlope / tokens;
            }
        }

        return new(loss, gradient);
    }

    /// <summary>½(V − R)², clipped, and its derivative by V.</summary>
    private static (double Value, double Slope) ValueLoss(double value, double target, double? old, double? clip)
    {
        double error = value - target;
        if (clip is { } range && old is { } before)
        {
            double clippedError = Math.Clamp(value, before - range, before + range) - target;
            if (clippedError * clippedError > error * error) return (0.5 * clippedError * clippedError, 0);
        }

        return (0.5 * error * error, error);
    }
}
