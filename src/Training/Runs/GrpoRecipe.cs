using AgentKit.Training.Engine;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>Learning from rewarded answers, each other's baseline.</summary>
internal sealed class GrpoRecipe(GrpoRunOptions options) : RolloutRecipe(options, "grpo")
{
    public override string Objective => options.Rloo is null ? "grpo" : "rloo";

    protected override Lessons Rounds(TrainingEngine engine, RolloutWriter writer, RunFolder folder, IReadOnlyList<RolloutPrompt> prompts)
    {
        var rounds = new PolicyRounds(engine, writer, folder, options, prompts);
        return new(rounds.StepsPerEpoch, rounds.Batch, (_, _) => rounds.Begin());
    }
}
