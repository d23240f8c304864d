using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>Supervised fine-tuning.</summary>
internal sealed class SftRecipe(SftOptions options) : Recipe
{
    public override string Objective => "sft";

    public override RunData Read(RunReader reader) => reader.Read(RowKind.Chat, options.PromptWeight);

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data) => Lessons.Of(engine, data, options, (packs, _) => SftBatch.Objective(packs));
}
