using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;
using AgentKit.Training.Tokenization;

namespace AgentKit.Training.Pretraining;

/// <summary>Trains a model from files of text: vocabulary, first weights, all weights. Its folder and the text are all that is needed to go on.</summary>
public sealed class PretrainRun : IDisposable
{
    private const string ModelName = "model.gguf", ResultFile = "result.json";

    private static readonly BatchObjective Objective = (packs, _) => SftBatch.Objective(packs);

    private readonly PretrainOptions _options;
    private readonly RunFolder _folder;
    private readonly TrainingEngine _engine;
    private readonly TokenFile _tokens;
    private readonly TokenWindows _windows;

    private PretrainRun(PretrainOptions options, RunFolder folder, TrainingEngine engine, TokenFile tokens)
    {
        (_options, _folder, _engine, _tokens) = (options, folder, engine, tokens);
        _windows = new(tokens, options);
        Steps = options.LoopOptions(_windows.StepsPerEpoch).Schedule.Steps;
    }

    /// <summary>Steps of the whole run.</summary>
    public int Steps { get; }

    /// <summary>Reads the text, makes what is not in the folder yet (vocabulary, first weights, tokens) and loads the model.</summary>
    /// <param name="options">What to train, on what, how.</param>
    /// <param name="resume">Whether to go on with the run in the folder.</param>
    /// <param name="progress">Told what is being made, how much of it is done, and the whole.</param>
    /// <param name="stop">Stops.</param>
    /// <exception cref="UserInputException">A file or a setting cannot be used.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing, or memory is short.</exception>
    public static PretrainRun Open(PretrainOptions options, bool resume, Action<string, long, long>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        var corpus = new TextCorpus(options.Data);
        string text = corpus.Hash();
        string? tokenizer = options.Tokenizer is { } file ? TokenizerHash(file, stop) : null;
        RunFolder folder = RunFolder.Open(options.Out, Fingerprint(options, text, tokenizer), resume);
        TokenFile? tokens = null;
        TrainingEngine? engine = null;
        try
        {
            int threads = options.Threads ?? CpuQuota.UsableCpus;
            var first = new FirstModel(options, corpus, KeyOf([text, tokenizer ?? $"{options.Vocabulary}"]), threads);
            first.Make(progress, stop);
            tokens = first.Tokens(progress, stop);
            engine = TrainingEngine.OpenFull(first.ModelPath, Machine(options, folder));
            EngineCheck.Verify(engine);
            folder.Note(new RunEngine(engine.Products));
            return new(options, folder, engine, tokens);
        }
        catch (Exception e)
        {
            engine?.Dispose();
            tokens?.Dispose();
            folder.Dispose();
            if (e is IOException or UnauthorizedAccessException) throw Unwritable(options, e);
            throw;
        }
    }

    /// <summary>Trains to the last step, or until it is stopped; both leave a checkpoint of the last finished step.</summary>
    /// <param name="time">Measures the rate.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops.</param>
    /// <exception cref="TrainingException">The loss is not a number, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public PretrainResult Train(TimeProvider time, Action<TrainingStep>? progress = null, CancellationToken stop = default)
    {
        try
        {
            return Learn(time, progress, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_options, e);
        }
    }

    private PretrainResult Learn(TimeProvider time, Action<TrainingStep>? progress, CancellationToken stop)
    {
        IReadOnlyList<Pack> held = _windows.HeldOut();
        var loop = new TrainingLoop(_engine, (step, _) => _windows.Batch(step), Objective, _options.LoopOptions(_windows.StepsPerEpoch), _folder, time)
        {
            Evaluate = held.Count == 0 ? null : cancel => _engine.Measure(held, Objective, cancel),
        };
        TrainingSummary summary = loop.Run(progress, stop);
        var result = new PretrainResult(
            summary, Path.Combine(_options.Out, ModelName), _engine.TrainedWeights, _options.Shape.NonEmbeddingParameters, _engine.VocabularySize);
        _engine.SaveModel(result.Model);
        CurvePage.Write(_folder.Metrics, _folder.Curves, $"pretraining: {Path.GetFileName(Path.GetFullPath(_options.Out))}");
        AtomicFile.Write(Path.Combine(_options.Out, ResultFile), stream => JsonSerializer.Serialize(stream, result, RunsJsonContext.Default.PretrainResult));
        return result;
    }

    /// <summary>Tries learning rates, each a little larger than the last, and leaves the weights as they were.</summary>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops.</param>
    public LearningRateTest FindLearningRate(Action<LearningRatePoint>? progress = null, CancellationToken stop = default) =>
        LearningRateFinder.Find(_engine, _windows.Batch, Objective, _options.Optimizer, _options.MaxGradientNorm, progress, stop);

    /// <summary>Frees model and folder.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _tokens.Dispose();
        _folder.Dispose();
    }

    private static EngineOptions Machine(PretrainOptions options, RunFolder folder) => new()
    {
        Threads = options.Threads, Gpu = options.Gpu, Products = folder.Engine?.Products ?? options.Products,
        KeptBytes = options.KeptBytes, AttentionBytes = options.AttentionBytes,
    };

    private static void Check(PretrainOptions options)
    {
        if (options.Shape.Misfit is { } misfit) throw new UserInputException("model", $"model: {misfit}.");
        if (options.EarlyStop is not { } early) return;
        if (options.EvalShare == 0 || options.EvalEvery == 0)
        {
            throw new UserInputException(
                "early_stop_patience", "early_stop_patience is set; it needs eval_share above 0 and eval_every, to measure whether anything becomes better.");
        }

        early.Of(new(0, new Dictionary<string, double>()));
    }

    /// <summary>What the weights depend on; where the files lie and how often something is written is not part of it.</summary>
    private static byte[] Fingerprint(PretrainOptions options, string text, string? tokenizer)
    {
        PretrainOptions relevant = options with
        {
            Data = [text],
            Tokenizer = tokenizer,
            Out = "",
            Name = null,
            Threads = null,
            CheckpointEvery = 1,
            EvalEvery = options.EarlyStop is null ? 0 : options.EvalEvery,
        };
        return KeyOf([JsonSerializer.Serialize(relevant, RunsJsonContext.Default.PretrainOptions)]);
    }

    private static byte[] KeyOf(string[] parts) => SHA256.HashData(Encoding.UTF8.GetBytes($"pretrain {string.Join(' ', parts)}"));

    private static string TokenizerHash(string path, CancellationToken stop)
    {
        ModelFile.OpenChecked(path);
        return AdapterBase.HashOf(path, stop);
    }

    private static TrainingException Unwritable(PretrainOptions options, Exception e) => new(
        $"A file cannot be read or written: {e.Message.TrimEnd('.')}; what was finished stays in {options.Out}: make room, or mend what it says, and go on with --resume.", e);
}
