using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>Learning from verdicts.</summary>
internal sealed class KtoRecipe(KtoRunOptions options) : Recipe
{
    public override string Objective => "kto";

    public override RunData Read(RunReader reader)
    {
        RunData data = reader.Read(RowKind.Verdict);
        Check("data", options.Data, data.Items);
        if (options.EvalData is { } held) Check("eval_data", held, data.EvalItems);
        for (int i = 0; i < options.Mix.Count; i++) Check($"mix[{i}].data", options.Mix[i].Data, data.Mixed[i].Items);
        return data;
    }

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data)
    {
        var batch = new KtoBatch(engine, new(engine), options.Kto, options.PackTokens, reachable: Math.Min(options.MaxLength ?? int.MaxValue, engine.ContextLength));
        batch.Pair(data.Items);
        batch.Pair(data.EvalItems);
        foreach (TrainingSet mixed in data.Mixed) batch.Pair(mixed.Items);
        return Lessons.Of(engine, data, options, batch.Begin);
    }

    private static void Check(string field, string path, IReadOnlyList<IReadOnlyList<TrainingSample>> items)
    {
        if (items.Skip(1).Any(item => KtoBatch.HaveOtherPrompts(items[0][0], item[0]))) return;
        string found = items.Count == 1 ? "one usable row" : "rows of one prompt only";
        throw new UserInputException(field, $"{field}: {path} holds {found}; two prompts or more are needed: the divergence is measured with each other's answers.");
    }
}
