using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Engine;

/// <summary>
/// A frozen model with a trained LoRA adapter beside it, or a model whose own weights are trained. Forward and backward run as one graph a block:
/// the forward pass keeps the blocks' inputs only, the backward pass computes each block anew (Chen et al. 2016, gradient checkpointing). Not safe for concurrent use.
/// </summary>
public sealed class TrainingEngine : IDisposable
{
    private const int EmbeddingNodes = 16;
    private const string Embeddings = "token_embd.weight";

    private readonly GgmlBackend _backend;
    private readonly BaseModel _model;
    private readonly EngineOptions _options;

    private readonly LoraAdapter? _adapter;
    private readonly FullWeights? _full;

    private TrainingEngine(GgmlBackend backend, BaseModel model, ParameterSet parameters, EngineOptions options, int threads)
    {
        (_backend, _model, Parameters, _options, Threads) = (backend, model, parameters, options, threads);
        (_adapter, _full) = (parameters as LoraAdapter, parameters as FullWeights);
    }

    /// <summary>The model's file.</summary>
    public string ModelPath => _model.File.Path;

    /// <summary>Threads in use.</summary>
    public int Threads { get; }

    /// <summary>Most tokens of a sample: the context the model was trained for.</summary>
    public int ContextLength => _model.Architecture.Context;

    /// <summary>Tokens there are.</summary>
    public int VocabularySize => (int)_model.Architecture.Vocabulary;

    /// <summary>Trained weights, without padding.</summary>
    public long TrainedWeights => _adapter is null
        ? Parameters.Values.Length
        : _adapter.Matrices.Sum(matrix => (long)(matrix.Inputs + matrix.Outputs) * _adapter.Options.Rank) + _adapter.HeadValues.Length;

    /// <summary>What is trained.</summary>
    internal ParameterSet Parameters { get; }

    /// <exception cref="InvalidOperationException">The model's own weights are trained.</exception>
    internal LoraAdapter Adapter => _adapter ?? throw new InvalidOperationException("There is no adapter: the model's own weights are trained.");

    internal string Architecture => _model.Architecture.Name;

    /// <summary>Writes the adapter as llama.cpp loads it.</summary>
    /// <param name="path">The GGUF file; replaced if it exists, and complete whenever it is there.</param>
    /// <param name="notes">What the file should say about its making.</param>
    public void SaveAdapter(string path, AdapterNotes notes) => AdapterFile.Write(path, Adapter, Architecture, notes);

    /// <summary>Writes the model with its weights as they are now, in single precision.</summary>
    /// <param name="path">The GGUF file; replaced if it exists, and complete whenever it is there.</param>
    /// <exception cref="InvalidOperationException">An adapter is trained, and the model stays as it is.</exception>
    public void SaveModel(string path)
    {
        if (_full is null) throw new InvalidOperationException("An adapter is trained; the model stays as it is.");
        GgufWriter writer = GgufWriter.WithMetadataOf(_model.File);
        foreach (GgufTensorInfo tensor in _model.File.Tensors)
            writer.Add(tensor.Name, GgmlType.F32, [.. tensor.Shape], _full.Find(tensor.Name) ?? _model.File.ReadFloats(tensor));
        writer.Write(path);
    }

    /// <summary>Loads a model and gives it a new adapter.</summary>
    /// <param name="path">A GGUF file of the families llama, qwen2, qwen3, granite or smollm3, in any type llama.cpp multiplies with.</param>
    /// <param name="lora">The adapter's shape; the defaults when null.</param>
    /// <param name="seed">Of the adapter's first weights.</param>
    /// <param name="options">How to use the machine; the defaults when null.</param>
    /// <exception cref="UserInputException">The file is missing or damaged, or such a model cannot be trained.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing, or memory is short.</exception>
    public static TrainingEngine Open(string path, LoraOptions? lora = null, int seed = 0, EngineOptions? options = null) =>
        Open(path, options ?? new(), (model, backend) => new LoraAdapter(model, backend, lora ?? new(), seed, options?.ScoreHead ?? false));

    /// <summary>Loads a model to train all its weights.</summary>
    /// <param name="path">A GGUF file of the families llama, qwen2, qwen3, granite or smollm3 with weights in single precision.</param>
    /// <param name="options">How to use the machine; the defaults when null.</param>
    /// <inheritdoc cref="Open(string, LoraOptions, int, EngineOptions)" path="/exception"/>
    public static TrainingEngine OpenFull(string path, EngineOptions? options = null) =>
        Open(path, options ?? new(), (model, backend) => new FullWeights(model, backend));

    /// <summary>Loads a model and an adapter to go on from.</summary>
    /// <param name="path">The model's GGUF file.</param>
    /// <param name="adapterPath">A LoRA adapter for it, with matrices of one rank.</param>
    /// <param name="seed">Of a score head's first weights, where the adapter has none.</param>
    /// <param name="options">How to use the machine; the defaults when null.</param>
    /// <exception cref="UserInputException">A file cannot be used, or the adapter belongs to another model.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing, or memory is short.</exception>
    public static TrainingEngine OpenWithAdapter(string path, string adapterPath, int seed = 0, EngineOptions? options = null)
    {
        AdapterInfo info = AdapterInfo.Read(adapterPath);
        if (info.MisfitWith(path) is { } misfit) throw new UserInputException("adapter", $"adapter: {adapterPath} does not belong to {path}: {misfit}");
        TrainingEngine engine = Open(path, info.Shape(), seed, options);
        try
        {
            AdapterFile.Read(GgufFile.Open(adapterPath), engine.Adapter);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Scores of a pack's samples, with a score head.</summary>
    /// <param name="pack">The pack.</param>
    /// <exception cref="InvalidOperationException">There is no score head.</exception>
    public double[] Scores(Pack pack)
    {
        if (_adapter is not { Head: not 0 }) throw new InvalidOperationException("This engine was opened without a score head.");
        using PackTensors tensors = Forward(pack, withAdapter: true);
        return Outputs(pack, tensors);
    }

    /// <summary>Log-probabilities of a pack's predictions.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="withAdapter"><c>false</c> for the frozen model alone, the reference of preference objectives.</param>
    public double[] LogProbabilities(Pack pack, bool withAdapter = true)
    {
        using PackTensors tensors = Forward(pack, withAdapter);
        return LogProbabilities(pack, tensors);
    }

    /// <summary>What objectives are given: scores with a score head, else log-probabilities.</summary>
    internal double[] Outputs(Pack pack)
    {
        using PackTensors tensors = Forward(pack, withAdapter: true);
        return Outputs(pack, tensors);
    }

    /// <summary>Computes a pack's loss and adds its gradient to the adapter's.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="objective">The loss.</param>
    /// <returns>The loss. Nothing is added where it is not finite.</returns>
    public double Accumulate(Pack pack, PackObjective objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        using PackTensors tensors = Forward(pack, withAdapter: true);
        ObjectiveResult<double[]> result = objective(pack, Outputs(pack, tensors));
        if (double.IsFinite(result.Loss)) Backward(pack, tensors, result.Gradient);
        return result.Loss;
    }

    /// <summary>Logits of the predictions that count, [predictions][vocabulary].</summary>
    internal float[][] Logits(Pack pack, bool withAdapter = true)
    {
        using PackTensors tensors = Forward(pack, withAdapter);
        return [.. Chunks(pack).SelectMany(chunk =>
        {
            using HeadChunk head = Head(pack, chunk);
            return head.Logits(tensors.Input(_model.Architecture.Layers)).Chunk(VocabularySize);
        })];
    }

    /// <summary>Frees model and adapter.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        _model.Dispose();
        _backend.Dispose();
    }

    private static TrainingEngine Open(string path, EngineOptions options, Func<BaseModel, GgmlBackend, ParameterSet> trained)
    {
        GgufFile file = ModelFile.OpenChecked(path);
        int threads = options.Threads ?? CpuQuota.UsableCpus;
        GgmlBackend backend = options.Gpu ? GgmlBackend.OpenGpu() : GgmlBackend.OpenCpu(threads);
        BaseModel? model = null;
        try
        {
            model = BaseModel.Load(file, backend);
            return new(backend, model, trained(model, backend), options, threads);
        }
        catch
        {
            model?.Dispose();
            backend.Dispose();
            throw;
        }
    }

    private PackTensors Forward(Pack pack, bool withAdapter)
    {
        ArgumentNullException.ThrowIfNull(pack);
        CheckTokens(pack);
        var tensors = new PackTensors(pack, _model.Architecture, _backend);
        using (var embed = new Tape(_backend, EmbeddingNodes))
        {
            embed.Store(embed.Scale(embed.Rows(_model[Embeddings], tensors.TokenIds), _model.Architecture.EmbeddingScale), tensors.Input(0));
            embed.Run();
        }

        var builder = new LayerBuilder(_model, withAdapter ? _adapter : null, _full);
        for (int layer = 0; layer < _model.Architecture.Layers; layer++)
        {
            using var tape = new Tape(_backend, LayerBuilder.Nodes(tensors));
            tape.Store(builder.Build(tape, layer, tensors.Input(layer), tensors), tensors.Input(layer + 1));
            tape.Run();
        }

        return tensors;
    }

    private double[] LogProbabilities(Pack pack, PackTensors tensors)
    {
        var result = new double[pack.Rows.Length];
        foreach (Range chunk in Chunks(pack))
        {
            using HeadChunk head = Head(pack, chunk);
            float[] logits = head.Logits(tensors.Input(_model.Architecture.Layers));
            (int first, int count) = chunk.GetOffsetAndLength(result.Length);
            for (int i = 0; i < count; i++) result[first + i] = LogProbability(logits.AsSpan(i * VocabularySize, VocabularySize), pack.Targets[first + i]);
        }

        return result;
    }

    private double[] Outputs(Pack pack, PackTensors tensors)
    {
        if (_adapter is not { Head: not 0 } adapter) return LogProbabilities(pack, tensors);
        using var head = new ScoreHead(_model, adapter, _backend, pack.Ends);
        return head.Scores(tensors.Input(_model.Architecture.Layers));
    }

    private void BackwardHead(Pack pack, PackTensors tensors, double[] coefficients)
    {
        int layers = _model.Architecture.Layers;
        if (_adapter is { Head: not 0 } adapter)
        {
            using var head = new ScoreHead(_model, adapter, _backend, pack.Ends);
            head.AddSlope(tensors.Input(layers), tensors.Slope(layers), Array.ConvertAll(coefficients, value => (float)value));
            return;
        }

        foreach (Range chunk in Chunks(pack))
        {
            using HeadChunk head = Head(pack, chunk);
            head.AddSlope(tensors.Input(layers), tensors.Slope(layers), Array.ConvertAll(coefficients[chunk], value => (float)value));
        }
    }

    private void Backward(Pack pack, PackTensors tensors, double[] coefficients)
    {
        int layers = _model.Architecture.Layers;
        BackwardHead(pack, tensors, coefficients);

        var builder = new LayerBuilder(_model, _adapter, _full);
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            using var tape = new Tape(_backend, LayerBuilder.Nodes(tensors));

            // Below the first block nothing is trained beside a frozen model.
            bool goesOn = layer > 0 || _full is not null;
            nint input = goesOn ? tape.Leaf(tensors.Input(layer)) : tensors.Input(layer);
            tape.Backward(builder.Build(tape, layer, input, tensors), tensors.Slope(layer + 1));
            builder.AddGradients(tape, layer);
            if (goesOn) tape.Store(tape.GradientOf(input), tensors.Slope(layer));
            tape.Run();
        }

        if (_full is not null) AddEmbeddingSlope(tensors, _full);
    }

    private void AddEmbeddingSlope(PackTensors tensors, FullWeights full)
    {
        using var tape = new Tape(_backend, EmbeddingNodes);
        nint embeddings = _model[Embeddings];
        tape.Backward(tape.Scale(tape.Rows(tape.Leaf(embeddings), tensors.TokenIds), _model.Architecture.EmbeddingScale), tensors.Slope(0));
        tape.AddTo(tape.GradientOf(embeddings), full.SlopeOf(Embeddings));
        tape.Run();
    }

    private HeadChunk Head(Pack pack, Range chunk) => new(_model, _full, _backend, pack.Rows.AsSpan(chunk), pack.Targets.AsSpan(chunk));

    private IEnumerable<Range> Chunks(Pack pack)
    {
        for (int first = 0; first < pack.Rows.Length; first += _options.HeadChunk)
            yield return first..Math.Min(pack.Rows.Length, first + _options.HeadChunk);
    }

    /// <summary>ggml reads beyond its matrix for a token that is not in the vocabulary.</summary>
    private void CheckTokens(Pack pack)
    {
        foreach (int token in pack.Tokens) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)VocabularySize, nameof(pack));
        int longest = pack.Samples.Max(sample => sample.Tokens.Length);
        if (longest > ContextLength) throw new ArgumentException($"A sample has {longest} tokens; the model's context is {ContextLength}.", nameof(pack));
    }

    /// <summary>In double precision: training compares losses to more digits than a float has.</summary>
    private static double LogProbability(ReadOnlySpan<float> logits, int target)
    {
        double most = TensorPrimitives.Max(logits), sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - most);
        return logits[target] - most - Math.Log(sum);
    }
}
