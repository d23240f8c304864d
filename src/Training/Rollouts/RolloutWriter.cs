using AgentKit.Training.Engine;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Rollouts;

/// <summary>Has the model in training answer prompts, and the answers judged.</summary>
/// <param name="engine">The model in training.</param>
/// <param name="model">The same as a served one.</param>
/// <param name="folder">Where the adapter goes that answers.</param>
/// <param name="rewards">They judge.</param>
/// <param name="options">The run.</param>
internal sealed class RolloutWriter(TrainingEngine engine, RolloutModel model, RunFolder folder, RewardSet rewards, RolloutRunOptions options) : IDisposable
{
    /// <summary>So many that a judge which can mark any would have marked one.</summary>
    private const int EnoughAnswers = 8;

    private readonly Dictionary<string, int> _marks = new(StringComparer.Ordinal);

    /// <summary>Answers of the weights as they are, sampled freely.</summary>
    /// <param name="asked">A prompt for each answer.</param>
    /// <param name="seed">Of all of them.</param>
    /// <param name="stop">Cancels.</param>
    public JudgedRollout[] Write(IReadOnlyList<RolloutPrompt> asked, int seed, CancellationToken stop) =>
        AnswerAsync(asked, [.. asked.Select((_, i) => EpochOrder.Mixed(seed, i + 1))], options.Temperature, stop).GetAwaiter().GetResult();

    /// <summary>What the likeliest answers to prompts earn.</summary>
    /// <param name="held">The prompts.</param>
    /// <param name="stop">Cancels.</param>
    public Measurement Measure(IReadOnlyList<RolloutPrompt> held, CancellationToken stop)
    {
        JudgedRollout[] judged = AnswerAsync(held, new int[held.Count], temperature: 0, stop).GetAwaiter().GetResult();
        return new(null, new RolloutRound(0, 1, judged).Metrics());
    }

    public void Dispose() => model.Dispose();

    private async Task<JudgedRollout[]> AnswerAsync(IReadOnlyList<RolloutPrompt> asked, int[] seeds, double temperature, CancellationToken stop)
    {
        await model.UseAsync(engine, folder.Policy).ConfigureAwait(false);
        Rollout[] answers = await model.AnswerAsync(asked.Zip(seeds), new(temperature, options.MaxNewTokens, options.MaxToolSteps), stop).ConfigureAwait(false);
        var judged = new JudgedRollout[answers.Length];
        ParallelOptions some = new() { MaxDegreeOfParallelism = options.Parallel, CancellationToken = stop };
        await Parallel.ForAsync(0, judged.Length, some, async (i, cancel) =>
        {
            judged[i] = await JudgedAsync(asked[i], answers[i], cancel).ConfigureAwait(false);
        }).ConfigureAwait(false);
        RefuseSilentJudges(judged);
        return judged;
    }

    private async Task<JudgedRollout> JudgedAsync(RolloutPrompt prompt, Rollout written, CancellationToken stop)
    {
        var (total, parts) = await rewards.JudgeAsync(prompt.Conversation, prompt.Expected, written.Answer, stop).ConfigureAwait(false);
        return new(prompt.Line, written.Sample.Tokens, prompt.Tokens.Length, written.Answer.Text, written.Answer.Ended, total, parts, 0)
        {
            Results = JudgedRollout.ResultsOf(written.Sample, prompt.Tokens.Length), ToolFailures = written.Answer.ToolFailures,
        };
    }

    /// <summary>Hours of answers that nobody marks would teach nothing.</summary>
    private void RefuseSilentJudges(JudgedRollout[] judged)
    {
        foreach (string part in judged.SelectMany(rollout => rollout.Parts.Keys)) _marks[part] = _marks.GetValueOrDefault(part) + 1;
        string? silent = _marks.Keys.FirstOrDefault(part => part.EndsWith(RewardSet.Unjudged, StringComparison.Ordinal)
            && _marks[part] >= EnoughAnswers && !_marks.ContainsKey(part[..^RewardSet.Unjudged.Length]));
        if (silent is null) return;
        string reward = silent[..^RewardSet.Unjudged.Length];
        throw new TrainingException(
            $"The reward {reward} could judge none of {_marks[silent]} answers: its model must reply with a mark from 0 to 10 and nothing else. "
            + "Take another model or rubric; checkpoints are intact.");
    }
}
