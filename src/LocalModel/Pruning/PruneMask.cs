using System.Numerics.Tensors;

namespace AgentKit.Models.Pruning;

/// <summary>Sets the least important weights to zero.</summary>
internal static class PruneMask
{
    /// <summary>The scores of Sun et al. 2023, eq. 1: |W_ij| · ‖X_j‖₂.</summary>
    /// <param name="row">Weights of one output, [inputs].</param>
    /// <param name="norms">‖X_j‖₂, [inputs]; empty: magnitudes alone.</param>
    /// <param name="scores">[inputs]</param>
    public static void Score(ReadOnlySpan<float> row, ReadOnlySpan<float> norms, Span<float> scores)
    {
        TensorPrimitives.Abs(row, scores);
        if (!norms.IsEmpty) TensorPrimitives.Multiply(scores, norms, scores);
    }

    /// <summary>Zeroes the ⌊share · n⌋ weights with the lowest scores, of equal ones the first.</summary>
    /// <param name="weights">Compared among one another.</param>
    /// <param name="scores">As many.</param>
    /// <param name="share">Share that goes.</param>
    /// <param name="scratch">As long as the weights; overwritten.</param>
    public static void DropLowest(Span<float> weights, ReadOnlySpan<float> scores, double share, Span<float> scratch)
    {
        int drop = (int)(weights.Length * share);
        if (drop == 0) return;
        scores.CopyTo(scratch);
        float limit = Smallest(scratch[..scores.Length], drop - 1);
        int equal = drop;
        foreach (float score in scores) equal -= score < limit ? 1 : 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (scores[i] < limit || (scores[i] == limit && equal-- > 0)) weights[i] = 0;
        }
    }

    /// <summary>Keeps of each group of neighbours those with the highest scores, of equal ones the last.</summary>
    /// <param name="weights">A whole number of groups.</param>
    /// <param name="scores">As many.</param>
    /// <param name="pattern">How many of how many.</param>
    public static void KeepHighest(Span<float> weights, ReadOnlySpan<float> scores, PrunePattern pattern)
    {
        Span<float> left = stackalloc float[pattern.Group];
        for (int start = 0; start < weights.Length; start += pattern.Group)
        {
            scores.Slice(start, pattern.Group).CopyTo(left);
            for (int dropped = 0; dropped < pattern.Group - pattern.Keep; dropped++)
            {
                int lowest = TensorPrimitives.IndexOfMin<float>(left);
                weights[start + lowest] = 0;
                left[lowest] = float.PositiveInfinity;
            }
        }
    }

    /// <summary>The number that would be at a place if the values were sorted (Hoare's selection, with three parts because weights repeat).</summary>
    /// <param name="values">Reordered.</param>
    /// <param name="place">From 0.</param>
    internal static float Smallest(Span<float> values, int place)
    {
        (int from, int to) = (0, values.Length - 1);
        while (from < to)
        {
            float pivot = Middle(values[from], values[from + ((to - from) / 2)], values[to]);
            (int below, int at, int above) = (from, from, to);
            while (at <= above)
            {
                if (values[at] < pivot) (values[below], values[at]) = (values[at++], values[below++]);
                else if (values[at] > pivot) (values[above], values[at]) = (values[at], values[above--]);
                else at++;
            }

            if (place < below) to = below - 1;
            else if (place > above) from = above + 1;
            else return pivot;
        }

        return values[place];
    }

    private static float Middle(float a, float b, float c) => MathF.Max(MathF.Min(a, b), MathF.Min(MathF.Max(a, b), c));
}
