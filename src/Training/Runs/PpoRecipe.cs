using AgentKit.Training.Engine;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>Learning from rewarded answers against a learned expectation.</summary>
internal sealed class PpoRecipe(PpoRunOptions options) : RolloutRecipe(options, "ppo")
{
    public override string Objective => "ppo";

    public override HeadKind Head => HeadKind.Value;

    protected override Lessons Rounds(TrainingEngine engine, RolloutWriter writer, RunFolder folder, IReadOnlyList<RolloutPrompt> prompts)
    {
        var rounds = new PpoRounds(engine, writer, folder, options, prompts);
        return new(rounds.StepsPerEpoch, rounds.Batch, (packs, _) => rounds.Begin(packs));
    }
}
