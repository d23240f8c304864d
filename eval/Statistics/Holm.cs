namespace AgentKit.Eval.Statistics;

/// <summary>Correction for asking several questions at once (Holm 1979).</summary>
public static class Holm
{
    /// <summary>Adjusted p-values, in the order given; each may be held against the same level.</summary>
    /// <param name="pValues">One for each question.</param>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        double[] adjusted = new double[pValues.Count];
        double least = 0;
        int left = pValues.Count;
        foreach (int i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
        {
            least = Math.Max(least, Math.Min(1, left-- * pValues[i]));
            adjusted[i] = least;
        }

        return adjusted;
    }
}
