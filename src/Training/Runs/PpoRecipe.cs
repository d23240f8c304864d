using AgentKit.Models.Chat;
using AgentKit.Training.Engine;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>Learning from rewarded answers against a learned expectation.</summary>
internal sealed class PpoRecipe(PpoRunOptions options) : Recipe
{
    private readonly RewardSet _rewards = new(options.Rewards, options.MoreRewards);
    private IReadOnlyList<RolloutPrompt> _prompts = [];
    private IReadOnlyList<RolloutPrompt> _held = [];
    private ChatFormat? _format;

    public override string Objective => "ppo";

    public override HeadKind Head => HeadKind.Value;

    public override RunData Read(RunReader reader)
    {
        (_prompts, _held, RunData data) = new PromptReader(reader, _rewards, options).Read("ppo");
        _format = reader.Encoder.Format;
        return data;
    }

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data)
    {
        RolloutModel model = new(options, _format!, _prompts.Concat(_held).Max(prompt => prompt.Tokens.Length), engine.ContextLength);
        RolloutWriter writer = new(engine, model, folder, _rewards, options);
        var rounds = new PpoRounds(engine, writer, folder, options, _prompts);
        return new(rounds.StepsPerEpoch, rounds.Batch, rounds.Begin) { Evaluate = _held.Count == 0 ? null : stop => writer.Measure(_held, stop), Resource = writer };
    }
}
