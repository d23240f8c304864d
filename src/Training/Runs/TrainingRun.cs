using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>Training from files to an adapter file.</summary>
public static class TrainingRun
{
    /// <summary>Trains an adapter.</summary>
    /// <param name="options">What to train, on what, how.</param>
    /// <param name="resume">Whether to go on with the run in the folder.</param>
    /// <param name="time">Measures the rate, and says when the run began.</param>
    /// <param name="started">Told the number of steps before the first.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops; a checkpoint of the last finished step is left.</param>
    /// <exception cref="UserInputException">A file, a row or a setting cannot be used.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing, or memory is short.</exception>
    /// <exception cref="TrainingException">The loss is not a number, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static TrainingResult Run(
        RunOptions options, bool resume, TimeProvider time, Action<int>? started = null, Action<TrainingStep>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.EarlyStop is not null && (options.EvalData is null || options.EvalEvery == 0))
            throw new UserInputException("early_stop_patience", "early_stop_patience is set; it needs eval_data and eval_every, to measure whether anything becomes better.");
        if (options.Mix.FirstOrDefault(mixed => mixed.From >= mixed.To) is { } never)
            throw new UserInputException("mix", $"mix: {never.Data} begins at from {never.From} and ends at to {never.To}; from must be below to.");
        Recipe recipe = options.CreateRecipe();
        // The date is part of what some templates write: a run that goes on another day keeps that of its first.
        DateTimeOffset begun = (resume ? RunFolder.BegunOf(options.Out) : null) ?? time.GetLocalNow();
        if (options.Adapter is { } adapter) CheckAdapter(adapter);
        (RunData data, string name, IReadOnlyList<LeftOutRows> leftOut) = ReadData(options, recipe, new StoppedClock(begun), stop);
        string model = AdapterBase.HashOf(options.Model, stop);
        using RunFolder folder = RunFolder.Open(options.Out, Fingerprint(options, recipe, model, data, stop), resume, begun);
        try
        {
            TrainingSummary summary = Train(options, recipe, folder, data, (model, name), time, started, progress, stop);
            return new(summary, folder.Adapter, data.Rows, leftOut);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException(
                $"A file cannot be read or written: {e.Message.TrimEnd('.')}; checkpoints in {options.Out} are intact: make room, or mend what it says, "
                + "and go on with --resume.", e);
        }
    }

    private static TrainingSummary Train(
        RunOptions options, Recipe recipe, RunFolder folder, RunData data, (string Sha256, string Name) model, TimeProvider time, Action<int>? started,
        Action<TrainingStep>? progress, CancellationToken stop)
    {
        using TrainingEngine engine = Open(options, recipe, folder);
        EngineCheck.Verify(engine);
        folder.Note(new RunEngine(engine.Products));
        using Lessons lessons = recipe.Prepare(engine, folder, data);
        TrainingLoopOptions loopOptions = options.LoopOptions(lessons.StepsPerEpoch);
        var loop = new TrainingLoop(engine, lessons.Batch, lessons.Objective, loopOptions, folder, time) { Evaluate = lessons.Evaluate };
        started?.Invoke(loopOptions.Schedule.Steps);
        TrainingSummary summary = loop.Run(progress, stop);
        Save(engine, folder, new()
        {
            Name = Path.GetFileName(Path.GetFullPath(options.Out)),
            BaseName = model.Name,
            BaseSha256 = model.Sha256,
            DataSha256 = data.Sha256,
            Objective = recipe.Objective,
            Config = Json(options),
            Metrics = JsonSerializer.Serialize(summary, RunsJsonContext.Default.TrainingSummary),
        });
        return summary;
    }

    private static (RunData Data, string Model, IReadOnlyList<LeftOutRows> LeftOut) ReadData(RunOptions options, Recipe recipe, TimeProvider time, CancellationToken stop)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(options.Model);
        var reader = new RunReader(options, vocabulary, time, stop);
        return (recipe.Read(reader), vocabulary.Info.Name, reader.LeftOut);
    }

    /// <summary>Before its bytes count: a file that is none is the user's, not ours.</summary>
    private static void CheckAdapter(string path)
    {
        try
        {
            AdapterInfo.Read(path);
        }
        catch (UserInputException e)
        {
            throw new UserInputException("adapter", $"adapter: {e.Message}", e);
        }
    }

    private static TrainingEngine Open(RunOptions options, Recipe recipe, RunFolder folder)
    {
        EngineOptions machine = new()
        {
            Threads = options.Threads, Gpu = options.Gpu, Products = folder.Engine?.Products ?? options.Products,
            KeptBytes = options.KeptBytes, AttentionBytes = options.AttentionBytes,
            ScoreHead = recipe.Head == HeadKind.Score, ValueHead = recipe.Head == HeadKind.Value,
        };
        return options.Adapter is { } adapter
            ? TrainingEngine.OpenWithAdapter(options.Model, adapter, options.Seed, machine)
            : TrainingEngine.Open(options.Model, options.Lora, options.Seed, machine);
    }

    private static void Save(TrainingEngine engine, RunFolder folder, AdapterNotes notes)
    {
        engine.SaveAdapter(folder.Adapter, notes);
        CurvePage.Write(folder.Metrics, folder.Curves, $"{notes.Objective}: {notes.Name} on {notes.BaseName}");
    }

    /// <summary>What the weights depend on; where the files lie and how often something is written is not part of it.</summary>
    private static byte[] Fingerprint(RunOptions options, Recipe recipe, string model, RunData data, CancellationToken stop)
    {
        RunOptions relevant = options.WithContents(stop) with
        {
            Model = model,
            Data = data.Sha256,
            EvalData = data.EvalSha256,
            Mix = [.. options.Mix.Select((mixed, i) => mixed with { Data = data.Mixed[i].Sha256 })],
            Adapter = options.Adapter is { } adapter ? AdapterBase.HashOf(adapter, stop) : null,
            Out = "",
            Threads = null,
            CheckpointEvery = 1,
            // Where measurements can end the run, their moments count.
            EvalEvery = options.EarlyStop is null ? 0 : options.EvalEvery,
        };
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{recipe.Objective} {Json(relevant)}"));
    }

    private static string Json(RunOptions options) => JsonSerializer.Serialize(options, options.GetType(), RunsJsonContext.Default);
}
