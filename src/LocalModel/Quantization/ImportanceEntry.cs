namespace AgentKit.Models.Quantization;

/// <summary>What flowed into one matrix while a model read calibration text.</summary>
/// <param name="Tensor">The matrix, for example <c>blk.0.ffn_down.weight</c>.</param>
/// <param name="SquaredSums">For each input column the sum of x² over all rows of activations; experts one after another, [experts × columns].</param>
/// <param name="Counts">Rows of activations seen: one number, or one for each expert.</param>
public sealed record ImportanceEntry(string Tensor, IReadOnlyList<float> SquaredSums, IReadOnlyList<long> Counts)
{
    /// <summary>Inputs of one matrix, or of one expert's.</summary>
    public int Columns => SquaredSums.Count / Counts.Count;

    /// <summary>Mean of x² for each column, the weights llama.cpp quantizes with; 1 where an expert has seen nothing.</summary>
    /// <returns>[experts × columns]</returns>
    public float[] Means()
    {
        var means = new float[SquaredSums.Count];
        for (int i = 0; i < means.Length; i++)
        {
            float count = Counts[i / Columns];
            means[i] = count > 0 ? SquaredSums[i] / count : 1;
        }

        return means;
    }
}
