using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>
/// Log-probabilities under the frozen model, computed when they are first needed. Each sample is computed in the same company every time, so that they do not depend on the
/// step at which they are asked for.
/// </summary>
internal sealed class ReferenceLogProbabilities(TrainingEngine engine)
{
    private readonly Dictionary<TrainingSample, double[]> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Those of a sample that is known, for each of its predictions that count.</summary>
    public double[] Of(TrainingSample sample) => _known[sample];

    /// <summary>Makes the samples of an item known.</summary>
    /// <param name="item">The samples.</param>
    /// <param name="stop">Cancels.</param>
    public void Add(IReadOnlyList<TrainingSample> item, CancellationToken stop)
    {
        if (item.All(_known.ContainsKey)) return;
        stop.ThrowIfCancellationRequested();
        var pack = new Pack(item);
        double[] values = engine.LogProbabilities(pack, withAdapter: false);
        for (int s = 0; s < item.Count; s++) _known[item[s]] = values[pack.Ranges[s]];
    }
}
