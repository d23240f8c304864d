using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Engine;

/// <summary>
/// A frozen model with a trained LoRA adapter beside it, or a model whose own weights are trained. What the blocks compute is kept for the way back while
/// <see cref="EngineOptions.KeptBytes"/> allows it; else forward and backward run as one graph a block, the forward pass keeps the blocks' inputs only and the backward
/// pass computes each block anew (Chen et al. 2016, gradient checkpointing). Not safe for concurrent use.
/// </summary>
public sealed class TrainingEngine : IDisposable
{
    private const int EmbeddingNodes = 16;

    /// <summary>Bytes for each token and element of its width that any block computes; where they are too many, no graph needs to be described to know it.</summary>
    private const long LeastKept = 8 * sizeof(float);

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

    /// <summary>How matrices in single precision are multiplied; never <see cref="ProductPath.Auto"/>.</summary>
    public ProductPath Products => _backend.Products;

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

    /// <summary>Whether a weight is stored in blocks of a few bits.</summary>
    internal bool IsQuantized => _model.File.Tensors.Any(tensor => tensor.Type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16));

    /// <summary>Bytes that graphs have taken so far, beside weights and what packs keep.</summary>
    internal long GraphBytes => _backend.GraphBytes;

    /// <summary>Divides logits before they become log-probabilities: answers that were sampled at another temperature than 1 come from such a policy. Above 0.</summary>
    internal double Temperature { get; set; } = 1;

    /// <summary>What objectives are given of each prediction instead of its log-probability; <c>null</c> for that.</summary>
    internal LogitLoss? LogitLoss { get; set; }

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
    /// <param name="path">A GGUF file of the families llama, qwen2, qwen3, granite, smollm3, gemma2, gemma3 or phi3, in any type llama.cpp multiplies with.</param>
    /// <param name="lora">The adapter's shape; the defaults when null.</param>
    /// <param name="seed">Of the adapter's first weights.</param>
    /// <param name="options">How to use the machine; the defaults when null.</param>
    /// <exception cref="UserInputException">The file is missing or damaged, or such a model cannot be trained.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing, or memory is short.</exception>
    public static TrainingEngine Open(string path, LoraOptions? lora = null, int seed = 0, EngineOptions? options = null) =>
        Open(path, options ?? new(), (model, backend) => new LoraAdapter(model, backend, lora ?? new(), seed, options?.Head ?? HeadKind.None));

    /// <summary>Loads a model to train all its weights.</summary>
    /// <param name="path">A GGUF file of the families llama, qwen2, qwen3, granite, smollm3, gemma2, gemma3 or phi3 with weights in single precision.</param>
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
        if (_adapter is not { HeadKind: HeadKind.Score }) throw new InvalidOperationException("This engine was opened without a score head.");
        using PackTensors tensors = Forward(pack, withAdapter: true);
        using IPackHead head = Head(pack, learns: false);
        return head.Outputs(tensors.Input(_model.Architecture.Layers));
    }

    /// <summary>Log-probabilities of a pack's predictions.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="withAdapter"><c>false</c> for the frozen model alone, the reference of preference objectives.</param>
    public double[] LogProbabilities(Pack pack, bool withAdapter = true)
    {
        using PackTensors tensors = Forward(pack, withAdapter);
        using var head = new LogitHead(_model, _full, _backend, pack, _options, Temperature);
        return head.Outputs(tensors.Input(_model.Architecture.Layers));
    }

    /// <summary>
    /// What objectives are given: losses by logits where there are such, scores with a score head, else log-probabilities, and behind them values with a value head.
    /// </summary>
    internal double[] Outputs(Pack pack)
    {
        using PackTensors tensors = Forward(pack, withAdapter: true);
        using IPackHead head = Head(pack, learns: false);
        return head.Outputs(tensors.Input(_model.Architecture.Layers));
    }

    /// <summary>Computes a pack's loss and adds its gradient to the adapter's.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="objective">The loss.</param>
    /// <returns>The loss. Nothing is added where it is not finite.</returns>
    public double Accumulate(Pack pack, PackObjective objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        using PackTensors tensors = Embed(pack, learns: true);
        using Tape? planned = Kept(tensors);
        Tape? kept = planned?.RunBegun() == true ? planned : null;
        if (kept is null) ForwardBlocks(tensors, _adapter);
        using IPackHead head = Head(pack, learns: true);
        int layers = _model.Architecture.Layers;
        ObjectiveResult<double[]> result = objective(pack, head.Outputs(tensors.Input(layers)));
        if (!double.IsFinite(result.Loss)) return result.Loss;
        head.AddSlope(tensors.Input(layers), tensors.Slope(layers), Array.ConvertAll(result.Gradient, value => (float)value));
        if (kept is null) BackwardBlocks(tensors);
        else kept.RunRest();
        if (_full is not null) AddEmbeddingSlope(tensors, _full);
        return result.Loss;
    }

    /// <summary>Logits of the predictions that count, [predictions][vocabulary], with every sum taken as llama.cpp takes it.</summary>
    internal float[][] Logits(Pack pack, bool withAdapter = true)
    {
        using PackTensors tensors = Forward(pack, withAdapter, asLlama: true);
        using var head = new LogitHead(_model, _full, _backend, pack, _options, temperature: 1);
        return [.. head.Logits(tensors.Input(_model.Architecture.Layers), asLlama: true)];
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
        GgmlBackend backend = options.Gpu ? GgmlBackend.OpenGpu() : GgmlBackend.OpenCpu(threads, Chosen(file, options.Products, threads));
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

    private static ProductPath Chosen(GgufFile file, ProductPath wanted, int threads)
    {
        if (wanted != ProductPath.Auto) return wanted;
        long width = ModelArchitecture.From(file).Embedding;
        return ProductChoice.Fastest(width, file.FindTensor("blk.0.ffn_down.weight")?.Shape[0] ?? width, threads);
    }

    private PackTensors Forward(Pack pack, bool withAdapter, bool asLlama = false)
    {
        PackTensors tensors = Embed(pack, learns: false);
        ForwardBlocks(tensors, withAdapter ? _adapter : null, asLlama);
        return tensors;
    }

    private PackTensors Embed(Pack pack, bool learns)
    {
        ArgumentNullException.ThrowIfNull(pack);
        CheckTokens(pack);
        var tensors = new PackTensors(pack, _model.Architecture, _backend, _options.AttentionBytes, learns);
        using var embed = new Tape(_backend, EmbeddingNodes);
        embed.Store(embed.Scale(embed.Rows(_model[Embeddings], tensors.TokenIds), _model.Architecture.EmbeddingScale), tensors.Input(0));
        embed.Run();
        return tensors;
    }

    private void ForwardBlocks(PackTensors tensors, LoraAdapter? adapter, bool asLlama = false)
    {
        var builder = new LayerBuilder(_model, adapter, _full);
        for (int layer = 0; layer < _model.Architecture.Layers; layer++)
        {
            using var tape = new Tape(_backend, LayerBuilder.Nodes(tensors), asLlama);
            tape.Store(builder.Build(tape, layer, tensors.Input(layer), tensors), tensors.Input(layer + 1));
            tape.Run();
        }
    }

    /// <summary>All blocks forward and backward in one graph, where what they compute may be kept.</summary>
    private Tape? Kept(PackTensors tensors)
    {
        int layers = _model.Architecture.Layers;
        if (LeastKept * layers * tensors.Tokens * _model.Architecture.Embedding > _options.KeptBytes) return null;
        var builder = new LayerBuilder(_model, _adapter, _full);
        var tape = new Tape(_backend, layers * LayerBuilder.Nodes(tensors));
        nint output = _full is null ? tensors.Input(0) : tape.Leaf(tensors.Input(0));
        for (int layer = 0; layer < layers; layer++)
        {
            output = builder.Build(tape, layer, output, tensors);
            tape.Emit(output);
            if (tape.Bytes() / (layer + 1) * layers <= _options.KeptBytes) continue;
            tape.Dispose();
            return null;
        }

        tape.Store(output, tensors.Input(layers));
        tape.Cut();
        tape.Backward(output, tensors.Slope(layers));
        for (int layer = layers - 1; layer >= 0; layer--) builder.AddGradients(tape, layer);
        if (_full is not null) tape.Store(tape.GradientOf(tensors.Input(0)), tensors.Slope(0));
        return tape;
    }

    private IPackHead Head(Pack pack, bool learns)
    {
        if (LogitLoss is { } loss) return new LogitLossHead(_model, _backend, pack, loss, _options.HeadChunk, learns);
        if (_adapter is { HeadKind: HeadKind.Score } scoring) return new ScoreHead(_model, scoring, _backend, pack.Ends);
        LogitHead policy = new(_model, _full, _backend, pack, _options, Temperature) { Learns = learns };
        return _adapter is { HeadKind: HeadKind.Value } valuing ? new PolicyValueHead(policy, new(_model, valuing, _backend, pack.Rows)) : policy;
    }

    private void BackwardBlocks(PackTensors tensors)
    {
        var builder = new LayerBuilder(_model, _adapter, _full);
        for (int layer = _model.Architecture.Layers - 1; layer >= 0; layer--)
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
    }

    private void AddEmbeddingSlope(PackTensors tensors, FullWeights full)
    {
        using var tape = new Tape(_backend, EmbeddingNodes);
        nint embeddings = _model[Embeddings];
        tape.Backward(tape.Scale(tape.Rows(tape.Leaf(embeddings), tensors.TokenIds), _model.Architecture.EmbeddingScale), tensors.Slope(0));
        tape.AddTo(tape.GradientOf(embeddings), full.SlopeOf(Embeddings));
        tape.Run();
    }

    /// <summary>ggml reads beyond its matrix for a token that is not in the vocabulary.</summary>
    private void CheckTokens(Pack pack)
    {
        foreach (int token in pack.Tokens) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)VocabularySize, nameof(pack));
        int longest = pack.Samples.Max(sample => sample.Tokens.Length);
        if (longest > ContextLength) throw new ArgumentException($"A sample has {longest} tokens; the model's context is {ContextLength}.", nameof(pack));
    }
}
