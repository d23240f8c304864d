using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>Supervised fine-tuning from files to an adapter file.</summary>
public static class SftRun
{
    private const int NamedFaults = 5;

    /// <summary>Trains an adapter.</summary>
    /// <param name="options">What to train, on what, how.</param>
    /// <param name="resume">Whether to go on with the run in the folder.</param>
    /// <param name="time">Measures the rate.</param>
    /// <param name="started">Told the number of steps before the first.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops; a checkpoint of the last finished step is left.</param>
    /// <exception cref="UserInputException">A file, a row or a setting cannot be used.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing, or memory is short.</exception>
    /// <exception cref="TrainingException">The loss is not a number, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SftResult Run(
        SftOptions options, bool resume, TimeProvider time, Action<int>? started = null, Action<TrainingStep>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        (TrainingSet data, TrainingSet? eval, string name) = ReadData(options, stop);
        string model = Hash(options.Model);
        string config = JsonSerializer.Serialize(options, RunsJsonContext.Default.SftOptions);
        using RunFolder folder = RunFolder.Open(options.Out, Fingerprint(options, model, data, eval), resume);
        using TrainingEngine engine = TrainingEngine.Open(options.Model, options.Lora, options.Seed, new() { Threads = options.Threads });
        EngineCheck.Verify(engine);
        var plan = new BatchPlan([.. data.Samples.Select(sample => (IReadOnlyList<TrainingSample>)[sample])], options.BatchSize, options.PackTokens, options.Seed);
        TrainingLoopOptions loopOptions = LoopOptions(options, plan);
        var loop = new TrainingLoop(engine, plan, SftBatch.Objective, loopOptions, folder, time)
        {
            EvalPacks = eval is null ? [] : BatchPlan.PacksOf(eval.Samples.Select(sample => (IReadOnlyList<TrainingSample>)[sample]), options.PackTokens),
        };
        started?.Invoke(loopOptions.Schedule.Steps);
        TrainingSummary summary = loop.Run(progress, stop);
        Save(engine, folder, new()
        {
            Name = Path.GetFileName(Path.GetFullPath(options.Out)),
            BaseName = name,
            BaseSha256 = model,
            DataSha256 = data.Sha256,
            Objective = "sft",
            Config = config,
            Metrics = JsonSerializer.Serialize(summary, RunsJsonContext.Default.TrainingSummary),
        });
        return new(summary, folder.Adapter, data.Samples.Count, data.Faults, data.LongLines);
    }

    private static void Save(TrainingEngine engine, RunFolder folder, AdapterNotes notes)
    {
        try
        {
            engine.SaveAdapter(folder.Adapter, notes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{folder.Adapter} cannot be written: {e.Message.TrimEnd('.')}; the last checkpoint is intact: make room and go on with --resume.", e);
        }
    }

    private static (TrainingSet Data, TrainingSet? Eval, string Model) ReadData(SftOptions options, CancellationToken stop)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(options.Model);
        SampleEncoder encoder = vocabulary.CreateEncoder();
        int context = (int)Math.Min(vocabulary.Info.ContextLength ?? int.MaxValue, int.MaxValue);
        if (options.MaxLength > context)
            throw new UserInputException("max_length", $"max_length is {options.MaxLength}; 2 to {context} is allowed: {vocabulary.Info.Name} reads no more at once.");
        TrainingSet data = Read("data", options.Data), eval = options.EvalData is { } path ? Read("eval_data", path) : data;
        return (data, options.EvalData is null ? null : eval, vocabulary.Info.Name);

        TrainingSet Read(string field, string file)
        {
            TrainingSet set = TrainingSet.ReadChat(file, encoder, options.MaxLength ?? context, options.LongRows, options.PromptWeight, stop);
            if (set.Faults.Count > 0 && !options.SkipBadRows) throw Refused(field, file, set.Faults);
            return set.Samples.Count > 0 ? set : throw new UserInputException(field, $"{field}: {file} holds no row to learn from.");
        }
    }

    private static UserInputException Refused(string field, string file, IReadOnlyList<RowFault> faults)
    {
        string named = string.Join("; ", faults.Take(NamedFaults).Select(fault => $"line {fault.Line}: {fault.Message}"));
        string more = faults.Count > NamedFaults ? $"; and {faults.Count - NamedFaults} more" : "";
        return new(field, $"{field}: {file}: {faults.Count} rows cannot be used: {named}{more}. Mend them, or leave them out with \"skip_bad_rows\": true.");
    }

    private static TrainingLoopOptions LoopOptions(SftOptions options, BatchPlan plan)
    {
        int steps = Math.Min(options.MaxSteps ?? int.MaxValue, checked(options.Epochs * plan.StepsPerEpoch));
        return new()
        {
            Schedule = new(options.LearningRate, steps, Math.Min(options.WarmupSteps, steps / 10), options.Schedule, options.LeastLearningRateRatio),
            Optimizer = options.Optimizer,
            MaxGradientNorm = options.MaxGradientNorm,
            CheckpointEvery = options.CheckpointEvery,
            EvalEvery = options.EvalEvery,
        };
    }

    /// <summary>What the weights depend on; where the files lie and how often something is written is not part of it.</summary>
    private static byte[] Fingerprint(SftOptions options, string model, TrainingSet data, TrainingSet? eval)
    {
        SftOptions relevant = options with { Model = model, Data = data.Sha256, EvalData = eval?.Sha256, Out = "", Threads = null, CheckpointEvery = 1, EvalEvery = 0 };
        return SHA256.HashData(Encoding.UTF8.GetBytes("sft " + JsonSerializer.Serialize(relevant, RunsJsonContext.Default.SftOptions)));
    }

    private static string Hash(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
