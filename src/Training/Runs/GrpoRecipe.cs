using AgentKit.Models.Chat;
using AgentKit.Training.Engine;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>Learning from rewarded answers.</summary>
internal sealed class GrpoRecipe(GrpoRunOptions options) : Recipe
{
    private readonly RewardSet _rewards = new(options.Rewards, options.MoreRewards);
    private IReadOnlyList<RolloutPrompt> _prompts = [];
    private IReadOnlyList<RolloutPrompt> _held = [];
    private ChatFormat? _format;

    public override string Objective => options.Rloo is null ? "grpo" : "rloo";

    public override RunData Read(RunReader reader)
    {
        (_prompts, _held, RunData data) = new PromptReader(reader, _rewards, options).Read("grpo");
        _format = reader.Encoder.Format;
        return data;
    }

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data)
    {
        RolloutModel model = new(options, _format!, _prompts.Concat(_held).Max(prompt => prompt.Tokens.Length), engine.ContextLength);
        RolloutWriter writer = new(engine, model, folder, _rewards, options);
        var policy = new PolicyRounds(engine, writer, folder, options, _prompts);
        return new(policy.StepsPerEpoch, policy.Batch, policy.Begin) { Evaluate = _held.Count == 0 ? null : stop => writer.Measure(_held, stop), Resource = writer };
    }
}
