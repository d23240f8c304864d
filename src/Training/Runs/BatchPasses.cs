using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>An objective over all packs of a batch, forward and backward or forward alone.</summary>
internal static class BatchPasses
{
    extension(TrainingEngine engine)
    {
        /// <summary>The batch's loss and what was measured beside it; its gradient is then in the engine's parameters.</summary>
        public (double Loss, IReadOnlyDictionary<string, double>? Metrics) Learn(IReadOnlyList<Pack> packs, BatchObjective objective, CancellationToken stop)
        {
            BatchLoss batch = objective(packs, stop);
            engine.Parameters.ClearGradient();
            double loss = 0;
            foreach (Pack pack in packs)
            {
                stop.ThrowIfCancellationRequested();
                loss += engine.Accumulate(pack, batch.OfPack);
            }

            engine.Parameters.DownloadGradient();
            return (loss, batch.Measured?.Invoke());
        }

        /// <summary>The same on packs that are not learned from.</summary>
        public Measurement Measure(IReadOnlyList<Pack> packs, BatchObjective objective, CancellationToken stop)
        {
            BatchLoss batch = objective(packs, stop);
            double loss = 0;
            foreach (Pack pack in packs)
            {
                stop.ThrowIfCancellationRequested();
                loss += batch.OfPack(pack, engine.Outputs(pack)).Loss;
            }

            return new(loss, batch.Measured?.Invoke() ?? new Dictionary<string, double>());
        }
    }
}
