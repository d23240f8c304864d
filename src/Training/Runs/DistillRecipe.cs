using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>Learning from another model's distributions.</summary>
internal sealed class DistillRecipe(DistillRunOptions options) : Recipe
{
    private int _vocabulary;

    public override string Objective => "distill";

    public override RunData Read(RunReader reader)
    {
        GgufFile teacher = Checked();
        _vocabulary = SharedVocabulary.Of(GgufFile.Open(options.Model), teacher);
        RunData data = options.PlainText ? Texts(reader) : reader.Read(RowKind.Chat);
        int longest = Longest(data);
        if (ModelInfo.From(teacher).ContextLength is { } context && context < longest)
            throw new UserInputException("teacher", $"teacher: {options.Teacher} reads {context} tokens at once and a row has {longest}; set max_length to {context} or less.");
        return data;
    }

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data)
    {
        TeacherModel teacher = TeacherModel.Open(options.Teacher, Longest(data), engine.Threads, options.Gpu);
        var batch = new DistillBatch(teacher, Math.Min(_vocabulary, Math.Min(engine.VocabularySize, teacher.VocabularySize)), options);
        engine.LogitLoss = batch.OfRow;
        return Lessons.Of(engine, data, options, (packs, _) => batch.Begin(packs)) with { Resource = teacher };
    }

    private GgufFile Checked()
    {
        try
        {
            return ModelFile.OpenChecked(options.Teacher);
        }
        catch (UserInputException e)
        {
            throw new UserInputException("teacher", $"teacher: {e.Message}", e);
        }
    }

    private RunData Texts(RunReader reader)
    {
        int length = options.MaxLength is null ? Math.Min(reader.MaxLength, options.PackTokens) : reader.MaxLength;
        TrainingSet own = Text("data", options.Data);
        TrainingSet? held = options.EvalData is { } path ? Text("eval_data", path) : null;
        return RunData.Of(own, held) with { Mixed = [.. options.Mix.Select((mixed, i) => Text($"mix[{i}].data", mixed.Data))] };

        TrainingSet Text(string field, string file)
        {
            TrainingSet set = TextSamples.Read(field, file, reader.Tokenizer, length, reader.Stop);
            reader.Check(field, file, set.Faults, set.LongLines, set.Items.Count);
            return set;
        }
    }

    private static int Longest(RunData data) =>
        data.Items.Concat(data.EvalItems).Concat(data.Mixed.SelectMany(mixed => mixed.Items)).SelectMany(item => item).Max(sample => sample.Tokens.Length);
}
