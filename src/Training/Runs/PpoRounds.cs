using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>
/// Rounds of answers by the model in training, dealt out over steps several times. A round lies in the run's folder before it is learned from, with what the value head
/// expected and how likely model and reference held each token, so that a run resumed within it goes on as if it had never stopped.
/// </summary>
internal sealed class PpoRounds(TrainingEngine engine, RolloutWriter writer, RunFolder folder, PpoRunOptions options, IReadOnlyList<RolloutPrompt> prompts)
{
    private readonly EpochOrder _order = new(prompts.Count, options.BatchSize, options.Seed);
    private readonly Dictionary<TrainingSample, int> _places = new(ReferenceEqualityComparer.Instance);
    private RolloutRound? _round;
    private TrainingSample[] _samples = [];
    private PpoTargets? _targets;

    private int StepsPerRound => RolloutRunOptions.StepsOf(options.Iterations, options.Minibatches);

    /// <summary>Steps in which every prompt's answers are learned from as often as they are to be.</summary>
    public int StepsPerEpoch => RolloutRunOptions.StepsOf(_order.StepsPerEpoch, StepsPerRound);

    /// <summary>The answers of a step, written anew where a round begins.</summary>
    public IReadOnlyList<Pack> Batch(int step, CancellationToken stop)
    {
        (int number, int within) = Math.DivRem(step - 1, StepsPerRound);
        // Only the answers of a round that has already been learned from are the right ones: the weights have changed since they were written.
        if (_round?.Number != number) Take(within > 0 ? RoundFile.Read(folder.Rollouts(number)) : Write(number, stop));
        return Packs(Dealt(number, within).Select(place => _samples[place]));
    }

    /// <summary>The loss over a step's packs.</summary>
    public BatchLoss Begin(IReadOnlyList<Pack> packs)
    {
        double tokens = packs.Sum(pack => (double)pack.Rows.Length);
        var tally = new PpoTally();
        return new((pack, outputs) => OfPack(pack, outputs, tokens, tally)) { Measured = () => tally.AddTo(_round!.Metrics(), _targets!.ExplainedVariance) };
    }

    private ObjectiveResult<double[]> OfPack(Pack pack, double[] outputs, double tokens, PpoTally tally)
    {
        int count = pack.Rows.Length;
        PpoRow[] rows = [.. pack.Samples.Select((sample, s) => Row(sample, outputs[..count][pack.Ranges[s]], outputs[count..][pack.Ranges[s]]))];
        foreach (PpoRow row in rows) tally.Add(row, options.Ppo);
        ObjectiveResult<PpoGradient[]> result = PpoObjective.Compute(rows, options.Ppo);
        double share = count / tokens;
        IEnumerable<double> slopes = result.Gradient.SelectMany(row => row.LogProbabilities).Concat(result.Gradient.SelectMany(row => row.Values));
        return new(result.Loss * share, [.. slopes.Select(slope => slope * share)]);
    }

    private PpoRow Row(TrainingSample sample, double[] policy, double[] values)
    {
        int place = _places[sample];
        JudgedRollout rollout = _round!.Rollouts[place];
        return new(new(policy, rollout.Reference, rollout.Old), _targets!.Advantages[place], values, _targets.Returns[place], rollout.Values);
    }

    private RolloutRound Write(int number, CancellationToken stop)
    {
        RolloutPrompt[] asked = [.. _order.Step(number + 1).SelectMany(i => Enumerable.Repeat(prompts[i], options.Generations))];
        JudgedRollout[] judged = writer.Write(asked, EpochOrder.Mixed(options.Seed, number + 1), stop);
        RolloutRound round = Judged(new(number, options.Generations, judged), stop);
        RoundFile.Write(folder.Rollouts(number), round);
        folder.ForgetRollouts(number, StepsPerRound);
        return round;
    }

    /// <summary>The round with what model, value head and reference say about its answers before anything is learned from them.</summary>
    private RolloutRound Judged(RolloutRound round, CancellationToken stop)
    {
        TrainingSample[] samples = [.. round.Rollouts.Select(rollout => rollout.ToSample())];
        Dictionary<TrainingSample, (double[] Old, double[] Values, double[]? Reference)> known = new(ReferenceEqualityComparer.Instance);
        foreach (Pack pack in Packs(samples))
        {
            stop.ThrowIfCancellationRequested();
            double[] outputs = engine.Outputs(pack);
            double[]? reference = options.KlBeta > 0 ? engine.LogProbabilities(pack, withAdapter: false) : null;
            int count = pack.Rows.Length;
            for (int s = 0; s < pack.Samples.Count; s++)
                known[pack.Samples[s]] = (outputs[..count][pack.Ranges[s]], outputs[count..][pack.Ranges[s]], reference?[pack.Ranges[s]]);
        }

        round = round with
        {
            Rollouts = [.. round.Rollouts.Zip(samples, (rollout, sample) =>
                rollout with { Old = known[sample].Old, Values = known[sample].Values, Reference = known[sample].Reference })],
        };
        PpoTargets targets = PpoTargets.Of(round, options);
        return round with { Rollouts = [.. round.Rollouts.Select((rollout, i) => rollout with { Advantage = targets.Advantages[i].Average() })] };
    }

    private void Take(RolloutRound round)
    {
        _round = round;
        _targets = PpoTargets.Of(round, options);
        _samples = [.. round.Rollouts.Select(rollout => rollout.ToSample())];
        _places.Clear();
        for (int i = 0; i < _samples.Length; i++) _places[_samples[i]] = i;
    }

    /// <summary>The places in the round that a step learns from: a part of all of them, in a new order each time.</summary>
    private int[] Dealt(int number, int within)
    {
        (int time, int part) = Math.DivRem(within, options.Minibatches);
        int[] order = [.. Enumerable.Range(0, _samples.Length)];
        new Random(EpochOrder.Mixed(EpochOrder.Mixed(options.Seed, number + 1), time + 1)).Shuffle(order);
        // A round that is smaller than the others may have fewer answers than parts; no step goes without any.
        int begin = (int)((long)part * order.Length / options.Minibatches), end = (int)((long)(part + 1) * order.Length / options.Minibatches);
        return order[begin..Math.Max(begin + 1, end)];
    }

    private IReadOnlyList<Pack> Packs(IEnumerable<TrainingSample> samples) =>
        BatchPlan.PacksOf(samples.Select(sample => (IReadOnlyList<TrainingSample>)[sample]), options.PackTokens);
}
