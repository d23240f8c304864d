using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;
using AgentKit.Training.Tokenization;

namespace AgentKit.Training.Pretraining;

/// <summary>Trains a model from files of text: vocabulary, first weights, all weights. Its folder holds all that is needed to go on.</summary>
public sealed class PretrainRun : IDisposable
{
    private const string InitialFile = "initial.gguf", TokensFile = "tokens.bin", ModelName = "model.gguf", ResultFile = "result.json";

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
        if (options.EarlyStop is not null && (options.EvalShare == 0 || options.EvalEvery == 0))
        {
            throw new UserInputException(
                "early_stop_patience", "early_stop_patience is set; it needs eval_share above 0 and eval_every, to measure whether anything becomes better.");
        }

        var corpus = new TextCorpus(options.Data);
        byte[] key = Key(options, corpus);
        RunFolder folder = RunFolder.Open(options.Out, key, resume);
        TokenFile? tokens = null;
        TrainingEngine? engine = null;
        try
        {
            int threads = options.Threads ?? CpuQuota.UsableCpus;
            string initial = Path.Combine(options.Out, InitialFile);
            MakeModel(initial, options, corpus, key, threads, progress, stop);
            tokens = MakeTokens(initial, options, corpus, key, threads, progress, stop);
            engine = TrainingEngine.OpenFull(initial, new() { Threads = options.Threads, Gpu = options.Gpu });
            EngineCheck.Verify(engine);
            return new(options, folder, engine, tokens);
        }
        catch
        {
            engine?.Dispose();
            tokens?.Dispose();
            folder.Dispose();
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
        IReadOnlyList<Pack> held = _windows.HeldOut();
        var loop = new TrainingLoop(_engine, (step, _) => _windows.Batch(step), SftBatch.Objective, _options.LoopOptions(_windows.StepsPerEpoch), _folder, time)
        {
            Evaluate = held.Count == 0 ? null : cancel => HeldOut.Measure(_engine, held, SftBatch.Objective, cancel),
        };
        TrainingSummary summary = loop.Run(progress, stop);
        var result = new PretrainResult(
            summary, Path.Combine(_options.Out, ModelName), _engine.TrainedWeights, _options.Shape.NonEmbeddingParameters, _engine.VocabularySize);
        try
        {
            _engine.SaveModel(result.Model);
            CurvePage.Write(_folder.Metrics, _folder.Curves, $"pretraining: {Path.GetFileName(Path.GetFullPath(_options.Out))}");
            string file = Path.Combine(_options.Out, ResultFile);
            File.WriteAllText($"{file}.part", JsonSerializer.Serialize(result, RunsJsonContext.Default.PretrainResult));
            File.Move($"{file}.part", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{result.Model} cannot be written: {e.Message.TrimEnd('.')}; the last checkpoint is intact: make room and go on with --resume.", e);
        }

        return result;
    }

    /// <summary>Tries learning rates, each a little larger than the last, and leaves the weights as they were.</summary>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops.</param>
    public LearningRateTest FindLearningRate(Action<LearningRatePoint>? progress = null, CancellationToken stop = default) =>
        LearningRateFinder.Find(_engine, _windows.Batch, SftBatch.Objective, _options.Optimizer, _options.MaxGradientNorm, progress, stop);

    /// <summary>Frees model and folder.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _tokens.Dispose();
        _folder.Dispose();
    }

    /// <summary>What the weights depend on; where the files lie and how often something is written is not part of it.</summary>
    private static byte[] Key(PretrainOptions options, TextCorpus corpus)
    {
        PretrainOptions relevant = options with
        {
            Data = [corpus.Hash()],
            Tokenizer = options.Tokenizer is { } tokenizer ? Hash(tokenizer) : null,
            Out = "",
            Name = null,
            Threads = null,
            CheckpointEvery = 1,
            EvalEvery = options.EarlyStop is null ? 0 : options.EvalEvery,
        };
        return SHA256.HashData(Encoding.UTF8.GetBytes($"pretrain {JsonSerializer.Serialize(relevant, RunsJsonContext.Default.PretrainOptions)}"));
    }

    private static string Hash(string path)
    {
        ModelFile.OpenChecked(path);
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static void MakeModel(
        string path, PretrainOptions options, TextCorpus corpus, byte[] key, int threads, Action<string, long, long>? progress, CancellationToken stop)
    {
        string wanted = Convert.ToHexStringLower(key);
        if (File.Exists(path) && GgufFile.Open(path).FindString(NewModel.KeyField) == wanted) return;
        string name = options.Name ?? Path.GetFileName(Path.GetFullPath(options.Out));
        if (options.Tokenizer is { } tokenizer)
        {
            NewModel.Write(path, name, options.Shape, GgufFile.Open(tokenizer), options.Seed, wanted);
            return;
        }

        BpeVocabulary vocabulary = BpeTrainer.Train(
            corpus, new() { Vocabulary = options.Vocabulary }, threads, at => progress?.Invoke(at.Merging ? "merging" : "counting words", at.Done, at.Total), stop);
        NewModel.Write(path, name, options.Shape, vocabulary, options.Seed, wanted);
    }

    private static TokenFile MakeTokens(
        string model, PretrainOptions options, TextCorpus corpus, byte[] key, int threads, Action<string, long, long>? progress, CancellationToken stop)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(model);
        int end = vocabulary.Tokenizer.Eos;
        return TokenFile.Open(
            Path.Combine(options.Out, TokensFile), key, corpus, vocabulary.Tokenizer, end, threads, done => progress?.Invoke("cutting into tokens", done, corpus.Bytes), stop);
    }
}
