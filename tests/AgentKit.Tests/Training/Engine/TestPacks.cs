using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Samples, weights and gradients to try the engine with.</summary>
internal static class TestPacks
{
    /// <summary>Every third prediction does not count.</summary>
    public static TrainingSample Sample(int seed, int length)
    {
        var random = new Random(seed);
        int[] tokens = [.. Enumerable.Range(0, length).Select(_ => random.Next(300))];
        return new(seed, tokens, [.. Enumerable.Range(0, length).Select(t => t > 0 && t % 3 != 2 ? 1.0 : 0)]);
    }

    public static ObjectiveResult<double[]> Nll(Pack pack, double[] logProbabilities) => SftObjective.Compute(logProbabilities, pack.Weights);

    /// <summary>Of <see cref="Nll"/>, summed over packs.</summary>
    public static float[] Gradient(TrainingEngine engine, params Pack[] packs)
    {
        engine.Parameters.ClearGradient();
        foreach (Pack pack in packs) engine.Accumulate(pack, Nll);
        engine.Parameters.DownloadGradient();
        return [.. engine.Parameters.Gradient];
    }

    /// <summary>Weights that are not zero, so that A has a gradient too; the padding stays zero.</summary>
    public static void Randomize(LoraAdapter adapter, int seed)
    {
        var random = new Random(seed);
        foreach (LoraMatrix matrix in adapter.Matrices)
        {
            Span<float> rows = adapter.Values.AsSpan(adapter.Places(matrix).B);
            for (int i = 0; i < rows.Length; i++)
            {
                if (i % adapter.PaddedRank < adapter.Options.Rank) rows[i] = (random.NextSingle() - 0.5f) * 0.4f;
            }
        }

        adapter.Upload();
    }
}
