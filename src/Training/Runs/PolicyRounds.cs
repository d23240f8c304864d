using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>
/// Rounds of answers by the model in training, and the policy gradient over them. A round is written to the run's folder before it is learned from, so that a run resumed
/// within a round goes on with the same answers.
/// </summary>
internal sealed class PolicyRounds(
    TrainingEngine engine, RolloutWriter writer, RunFolder folder, GrpoRunOptions options, IReadOnlyList<RolloutPrompt> prompts)
{
    private readonly EpochOrder _order = new(prompts.Count, options.BatchSize, options.Seed);
    private readonly Dictionary<TrainingSample, JudgedRollout> _rollouts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TrainingSample, double[]> _references = new(ReferenceEqualityComparer.Instance);
    private RolloutRound? _round;
    private IReadOnlyList<Pack> _packs = [];

    private double KlBeta => options.Rloo?.KlBeta ?? options.Grpo.KlBeta;

    /// <summary>Steps in which every prompt is answered once.</summary>
    public int StepsPerEpoch => RolloutRunOptions.StepsOf(_order.StepsPerEpoch, options.Iterations);

    /// <summary>The answers of a step, written anew where a round begins.</summary>
    public IReadOnlyList<Pack> Batch(int step, CancellationToken stop)
    {
        int number = (step - 1) / options.Iterations;
        if (_round?.Number == number) return _packs;
        // Only the answers of a round that has already been learned from are the right ones: the weights have changed since they were written.
        bool within = (step - 1) % options.Iterations > 0;
        Take(within ? RoundFile.Read(folder.Rollouts(number)) : Write(number, stop), stop);
        return _packs;
    }

    /// <summary>The loss over a round's packs.</summary>
    public BatchLoss Begin()
    {
        RolloutRound round = _round!;
        var tally = new PolicyTally(options.Rloo is null ? options.Grpo : null);
        double completions = round.Rollouts.Count, tokens = round.Rollouts.Sum(rollout => (long)rollout.AnswerTokens);
        return new((pack, logProbabilities) => OfPack(pack, logProbabilities, rollout => Divisor(rollout, completions, tokens), tally))
        {
            Measured = () => tally.AddTo(round.Metrics()),
        };
    }

    private RolloutRound Write(int number, CancellationToken stop)
    {
        RolloutPrompt[] asked = [.. _order.Step(number + 1).SelectMany(i => Enumerable.Repeat(prompts[i], options.Generations))];
        JudgedRollout[] judged = writer.Write(asked, EpochOrder.Mixed(options.Seed, number + 1), stop);
        var round = new RolloutRound(number, options.Generations, [.. judged.Chunk(options.Generations).SelectMany(WithAdvantages)]);
        if (options.Iterations > 1) round = WithOld(round, stop);
        RoundFile.Write(folder.Rollouts(number), round);
        folder.ForgetRollouts(number, options.Iterations);
        return round;
    }

    private IEnumerable<JudgedRollout> WithAdvantages(JudgedRollout[] group)
    {
        double[] earned = [.. group.Select(rollout => rollout.Reward)];
        // Equal answers earn exactly nothing more than each other; rounding of the mean must not look like a lesson.
        double[] advantages = earned.All(reward => reward == earned[0]) ? new double[earned.Length]
            : options.Rloo is null ? Advantages.GroupRelative(earned, options.Grpo.ScaleRewards)
            : Advantages.LeaveOneOut(earned);
        return group.Zip(advantages, (rollout, advantage) => rollout with { Advantage = advantage });
    }

    /// <summary>The log-probabilities that later steps of the round compare with.</summary>
    private RolloutRound WithOld(RolloutRound round, CancellationToken stop)
    {
        TrainingSample[] samples = [.. round.Rollouts.Select(rollout => rollout.ToSample())];
        Dictionary<TrainingSample, double[]> old = new(ReferenceEqualityComparer.Instance);
        Ask(Packs(samples), old, withAdapter: true, stop);
        return round with { Rollouts = [.. round.Rollouts.Zip(samples, (rollout, sample) => rollout with { Old = old[sample] })] };
    }

    private void Take(RolloutRound round, CancellationToken stop)
    {
        _round = round;
        _rollouts.Clear();
        _references.Clear();
        List<TrainingSample> learned = [];
        foreach (JudgedRollout rollout in round.Rollouts)
        {
            // Without a divergence to pay for, an answer as good as its group's mean teaches nothing.
            if (KlBeta == 0 && rollout.Advantage == 0) continue;
            TrainingSample sample = rollout.ToSample();
            _rollouts[sample] = rollout;
            learned.Add(sample);
        }

        _packs = Packs(learned);
        if (KlBeta == 0) return;
        Ask(_packs, _references, withAdapter: false, stop);
        if (options.Rloo is not null) PayForDivergence(stop);
    }

    /// <summary>RLOO takes the divergence off the reward, and the baseline after that (Ahmadian et al. 2024, section 3.4).</summary>
    private void PayForDivergence(CancellationToken stop)
    {
        Dictionary<TrainingSample, double[]> current = new(ReferenceEqualityComparer.Instance);
        Ask(_packs, current, withAdapter: true, stop);
        foreach (TrainingSample[] group in _rollouts.Keys.ToArray().Chunk(options.Generations))
        {
            double[] earned = [.. group.Select(sample => _rollouts[sample].Reward - (KlBeta * ((_rollouts[sample].Old ?? current[sample]).Sum() - _references[sample].Sum())))];
            double[] advantages = Advantages.LeaveOneOut(earned);
            for (int i = 0; i < group.Length; i++) _rollouts[group[i]] = _rollouts[group[i]] with { Advantage = advantages[i] };
        }
    }

    private double Divisor(JudgedRollout rollout, double completions, double tokens) => options switch
    {
        { Rloo: not null } => completions,
        { Grpo.Variant: GrpoVariant.Dapo } => tokens,
        { Grpo.Variant: GrpoVariant.DrGrpo } => completions * (options.Grpo.MaxLength ?? options.MaxNewTokens),
        _ => completions * rollout.AnswerTokens,
    };

    private ObjectiveResult<double[]> OfPack(Pack pack, double[] logProbabilities, Func<JudgedRollout, double> divisor, PolicyTally tally)
    {
        double loss = 0;
        var gradient = new double[logProbabilities.Length];
        for (int s = 0; s < pack.Samples.Count; s++)
        {
            TrainingSample sample = pack.Samples[s];
            JudgedRollout rollout = _rollouts[sample];
            double[] policy = logProbabilities[pack.Ranges[s]];
            CompletionLogProbabilities completion = new(policy, _references.GetValueOrDefault(sample), rollout.Old ?? policy);
            tally.Add(completion, rollout.Advantage);
            (double value, double[] slopes) = options.Rloo is null
                ? GrpoObjective.OfCompletion(completion, rollout.Advantage, divisor(rollout), options.Grpo)
                : (-rollout.Advantage * policy.Sum() / divisor(rollout), DpoObjective.Spread(policy.Length, -rollout.Advantage / divisor(rollout), mean: false));
            loss += value;
            slopes.CopyTo(gradient, pack.Ranges[s].Start.Value);
        }

        return new(loss, gradient);
    }

    private IReadOnlyList<Pack> Packs(IEnumerable<TrainingSample> samples) =>
        BatchPlan.PacksOf(samples.Select(sample => (IReadOnlyList<TrainingSample>)[sample]), options.PackTokens);

    /// <summary>Log-probabilities of each sample's answer.</summary>
    private void Ask(IReadOnlyList<Pack> packs, Dictionary<TrainingSample, double[]> target, bool withAdapter, CancellationToken stop)
    {
        foreach (Pack pack in packs)
        {
            stop.ThrowIfCancellationRequested();
            double[] values = engine.LogProbabilities(pack, withAdapter);
            for (int s = 0; s < pack.Samples.Count; s++) target[pack.Samples[s]] = values[pack.Ranges[s]];
        }
    }
}
