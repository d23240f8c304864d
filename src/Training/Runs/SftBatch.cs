using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>Supervised fine-tuning over batches.</summary>
public static class SftBatch
{
    /// <summary>The mean over all weighted tokens of the batch, however it is cut into packs.</summary>
    /// <param name="packs">The packs of the step.</param>
    public static BatchLoss Objective(IReadOnlyList<Pack> packs)
    {
        ArgumentNullException.ThrowIfNull(packs);
        double total = packs.Sum(pack => pack.Weights.Sum());
        return new((pack, logProbabilities) =>
        {
            ObjectiveResult<double[]> alone = SftObjective.Compute(logProbabilities, pack.Weights);
            double share = pack.Weights.Sum() / total;
            return new(alone.Loss * share, Array.ConvertAll(alone.Gradient, slope => slope * share));
        });
    }
}
