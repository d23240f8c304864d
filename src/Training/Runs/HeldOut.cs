using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>The objective's loss on packs that are not learned from.</summary>
internal static class HeldOut
{
    public static Measurement Measure(TrainingEngine engine, IReadOnlyList<Pack> packs, BatchObjective objective, CancellationToken stop)
    {
        BatchLoss batch = objective(packs);
        double loss = 0;
        foreach (Pack pack in packs)
        {
            stop.ThrowIfCancellationRequested();
            loss += batch.OfPack(pack, engine.Outputs(pack)).Loss;
        }

        return new(loss, batch.Measured?.Invoke() ?? new Dictionary<string, double>());
    }
}
