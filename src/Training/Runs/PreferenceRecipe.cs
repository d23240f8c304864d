using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>Learning from pairs.</summary>
internal sealed class PreferenceRecipe(PreferenceRunOptions options) : Recipe
{
    public override string Objective => options.Objective.ToString().ToLowerInvariant();

    public override RunData Read(RunReader reader) => reader.Read(RowKind.Preference);

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data) => Lessons.Of(engine, data, options, Batch(engine).Begin);

    private PreferenceBatch Batch(TrainingEngine engine) => options.Objective switch
    {
        PreferenceObjectiveKind.SimPo => new(null, pairs => SimPoObjective.Compute(pairs, options.SimPo), answer => options.SimPo.Beta * answer.Policy.Average()),
        PreferenceObjectiveKind.Orpo => new(null, pairs => OrpoObjective.Compute(pairs, options.Orpo), answer => answer.Policy.Average()),
        _ => new(new(engine), pairs => DpoObjective.Compute(pairs, options.Dpo), Reward),
    };

    /// <summary>What DPO holds an answer to be worth (Rafailov et al. 2023, equation 5, without the prompt's constant).</summary>
    private double Reward(CompletionLogProbabilities answer)
    {
        double ratio = answer.Policy.Sum() - answer.RequiredReference().Sum();
        return options.Dpo.Beta * (options.Dpo.Variant == DpoVariant.Ipo ? ratio / answer.Tokens : ratio);
    }
}
