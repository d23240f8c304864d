using AgentKit.Models.Chat;
using AgentKit.Training.Engine;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>Learning from what the model's own answers earn.</summary>
/// <param name="options">The run.</param>
/// <param name="command">The command, for messages.</param>
internal abstract class RolloutRecipe(RolloutRunOptions options, string command) : Recipe
{
    private readonly RewardSet _rewards = new(options.Rewards, options.MoreRewards);
    private IReadOnlyList<RolloutPrompt> _prompts = [];
    private IReadOnlyList<RolloutPrompt> _held = [];
    private ChatFormat? _format;
    private TimeProvider? _time;

    public override RunData Read(RunReader reader)
    {
        (_prompts, _held, RunData data) = new PromptReader(reader, _rewards, options).Read(command);
        (_format, _time) = (reader.Encoder.Format, reader.Time);
        return data;
    }

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data)
    {
        RolloutModel model = new(options, _format!, _prompts.Concat(_held).Max(prompt => prompt.Tokens.Length), engine.ContextLength, _time!);
        // Gradients are of the distribution that wrote the answers, and so is their distance from the reference.
        engine.Temperature = options.Temperature;
        RolloutWriter writer = new(engine, model, folder, _rewards, options);
        return Rounds(engine, writer, folder, _prompts) with { Evaluate = _held.Count == 0 ? null : stop => writer.Measure(_held, stop), Resource = writer };
    }

    /// <summary>Steps over rounds of answers.</summary>
    protected abstract Lessons Rounds(TrainingEngine engine, RolloutWriter writer, RunFolder folder, IReadOnlyList<RolloutPrompt> prompts);
}
