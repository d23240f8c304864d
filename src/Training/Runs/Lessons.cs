using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>What each step learns from, and how.</summary>
/// <param name="StepsPerEpoch">Steps in which everything is seen once.</param>
/// <param name="Batch">The packs of a step, from 1.</param>
/// <param name="Objective">The loss.</param>
internal sealed record Lessons(int StepsPerEpoch, Func<int, CancellationToken, IReadOnlyList<Pack>> Batch, BatchObjective Objective) : IDisposable
{
    /// <summary>Measures on held-out data; <c>null</c> where there is none.</summary>
    public Func<CancellationToken, Measurement>? Evaluate { get; init; }

    /// <summary>Freed with the run.</summary>
    public IDisposable? Resource { get; init; }

    public void Dispose() => Resource?.Dispose();

    /// <summary>Steps over files of samples.</summary>
    public static Lessons Of(TrainingEngine engine, RunData data, RunOptions options, BatchObjective objective)
    {
        var plan = new BatchPlan(data.Items, options.BatchSize, options.PackTokens, options.Seed);
        var mixed = new MixedPlan(plan, options.StepsOf(plan.StepsPerEpoch), options.PackTokens);
        for (int i = 0; i < options.Mix.Count; i++) mixed.Add(options.Mix[i], data.Mixed[i].Items, EpochOrder.Mixed(options.Seed, i + 1));
        IReadOnlyList<Pack> held = BatchPlan.PacksOf(data.EvalItems, options.PackTokens);
        return new(plan.StepsPerEpoch, (step, _) => mixed.Batch(step), objective)
        {
            Evaluate = held.Count == 0 ? null : stop => engine.Measure(held, objective, stop),
        };
    }
}
