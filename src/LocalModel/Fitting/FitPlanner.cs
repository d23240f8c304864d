using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Fitting;

/// <summary>Tries sizes from the most wanted to the least until one fits.</summary>
internal sealed class FitPlanner
{
    private readonly CacheShape _cache;
    private readonly ModelWeights _weights;
    private readonly ModelFitOptions _options;
    private readonly long _memory;
    private readonly long _gpuMemory;
    private readonly int _trained;
    private readonly long _vocabulary;
    private readonly long _width;
    private long? _compute;

    private FitPlanner(GgufFile file, ModelFitOptions options, IReadOnlyList<ComputeDevice> devices, long memory)
    {
        ModelInfo info = ModelInfo.From(file);
        _cache = CacheShapeReader.Read(file);
        _weights = ModelWeights.Of(SplitCheck.Verify(new ModelMetadata(file)).SelectMany(part => part.Tensors));
        _options = options;
        _memory = memory;
        _gpuMemory = devices.Where(device => device.IsGpu).Sum(device => Math.Max(0, device.FreeBytes - ModelPlan.GpuMargin));
        _trained = (int)Math.Clamp(info.ContextLength ?? ModelPlan.SmallestChosenContext, 1, int.MaxValue / 2);
        _vocabulary = info.VocabularySize ?? 0;
        _width = file.Tensors.Where(tensor => tensor.Name.Contains("ffn_", StringComparison.Ordinal)).Select(tensor => tensor.Shape.Max())
            .Append(info.EmbeddingLength ?? 0).Max();
    }

    /// <exception cref="UserInputException">The context is longer than the model was trained for, or the file is damaged.</exception>
    public static FitPlanner For(GgufFile file, ModelFitOptions options, IReadOnlyList<ComputeDevice> devices, long memory)
    {
        var planner = new FitPlanner(file, options, devices, memory);
        return options.ContextLength > planner._trained
            ? throw new UserInputException(
                nameof(options.ContextLength), $"The context is {options.ContextLength:N0} tokens; the model was trained for at most {planner._trained:N0}.")
            : planner;
    }

    /// <summary>The engine's sizes of a plan.</summary>
    public static EngineOptions Engine(ModelFitPlan plan, int batch) =>
        new(plan.ContextLength, (int)Math.Min(plan.KvCells, int.MaxValue), plan.Parallel, batch, Threads: 1) { KvType = plan.KvType };

    /// <param name="computeBytes">Measured compute buffers; an estimate is used without.</param>
    public ModelFitPlan Choose(long? computeBytes = null)
    {
        _compute = computeBytes;
        int context = _options.ContextLength ?? Math.Min(_trained, ModelPlan.LargestChosenContext);
        Choice wanted = new(context, _options.Parallel, KvType.F16);
        Choice? found = Candidates(context).Cast<Choice?>().FirstOrDefault(choice => Needed(choice!.Value) <= _memory + _gpuMemory);
        return Describe(found ?? Candidates(context).Last(), wanted, found is not null);
    }

    /// <summary>Quality first: full precision, then halved KV, then fewer conversations, then a quarter, then a shorter context if that is free.</summary>
    private IEnumerable<Choice> Candidates(int context)
    {
        bool q8 = _cache.Allows(KvType.Q8_0), q4 = _cache.Allows(KvType.Q4_0);
        KvType dense = q8 ? KvType.Q8_0 : KvType.F16;
        yield return new(context, _options.Parallel, KvType.F16);
        for (int parallel = _options.Parallel; parallel >= 1; parallel--) yield return new(context, parallel, dense);
        if (q4) yield return new(context, 1, KvType.Q4_0);
        int smallest = Math.Min(ModelPlan.SmallestChosenContext, context);
        if (_options.ContextLength is not null) yield break;
        for (int shorter = (context - 1) / CacheShape.CellBlock * CacheShape.CellBlock; shorter >= smallest; shorter -= CacheShape.CellBlock)
            yield return new(shorter, 1, dense);
        if (q4) yield return new(smallest, 1, KvType.Q4_0);
    }

    private long Needed(Choice choice) =>
        _weights.Total + Kv(choice) + Recurrent(choice) + Compute(choice) + Output(choice);

    private EngineOptions Engine(Choice choice) => new(choice.Context, 0, choice.Parallel, _options.BatchSize, Threads: 1);

    private static long Cells(Choice choice) => CacheShape.Cells((long)choice.Context * choice.Parallel);

    private long Kv(Choice choice) => _cache.KvBytes(Cells(choice), choice.Type);

    private long Recurrent(Choice choice) => _cache.RecurrentBytes * Engine(choice).SequenceIds;

    private long Output(Choice choice) => Engine(choice).SequenceIds * _vocabulary * sizeof(float);

    /// <summary>A few activations as wide as the widest matrix, the attention mask in half floats, and the logits. The dry run tells the truth.</summary>
    private long Compute(Choice choice) => _compute
        ?? (_options.BatchSize * ((3 * _width * sizeof(float)) + (Cells(choice) * 2)))
            + ((Engine(choice).SequenceIds + Engine(choice).ExtraOutputs((int)Math.Max(1, _vocabulary))) * _vocabulary * sizeof(float));

    private ModelFitPlan Describe(Choice choice, Choice wanted, bool fits)
    {
        var (gpuLayers, gpuBytes) = OnGpu(choice, _weights.Layers);
        bool hasExperts = _weights.Experts.Sum() > 0;
        int? withoutExperts = hasExperts ? OnGpu(choice, [.. _weights.Layers.Zip(_weights.Experts, (all, experts) => all - experts)]).Layers : null;
        return new ModelFitPlan
        {
            Fits = fits && Needed(choice) - gpuBytes <= _memory,
            ContextLength = choice.Context,
            Parallel = choice.Parallel,
            KvCells = Cells(choice),
            KvType = choice.Type,
            Layers = _weights.Layers.Count + 1,
            GpuLayers = gpuLayers,
            GpuLayersWithoutExperts = withoutExperts,
            MemoryBytes = _memory,
            GpuMemoryBytes = _gpuMemory,
            WeightBytes = _weights.Total,
            ExpertBytes = _weights.Experts.Sum(),
            KvBytes = Kv(choice),
            WindowedKvBytes = _cache.WindowedKvBytes(Cells(choice), Engine(choice).SequenceIds, _options.BatchSize, choice.Type),
            RecurrentBytes = Recurrent(choice),
            ComputeBytes = Compute(choice),
            OutputBytes = Output(choice),
            GpuBytes = gpuBytes,
            Notes = FitNotes.Of(new(_options, _trained, _memory + _gpuMemory, Needed(choice), Needed(wanted)), choice, wanted, fits, gpuLayers,
                withoutExperts, _weights.Layers.Count + 1),
        };
    }

    /// <summary>Layers from the last to the first, the output before them, while there is room beside the compute buffers.</summary>
    private (int Layers, long Bytes) OnGpu(Choice choice, IReadOnlyList<long> layers)
    {
        long room = _gpuMemory, used = Compute(choice);
        if (room <= used || layers.Count == 0) return (0, 0);
        long perLayer = (Kv(choice) + Recurrent(choice)) / layers.Count;
        int count = 0;
        foreach (long bytes in layers.Reverse().Select(bytes => bytes + perLayer).Prepend(_weights.Others + Output(choice)))
        {
            if (used + bytes > room) break;
            (used, count) = (used + bytes, count + 1);
        }

        return count == 0 ? (0, 0) : (count, used);
    }

    internal readonly record struct Choice(int Context, int Parallel, KvType Type);
}
