using AgentKit.Kernel.Errors;

namespace AgentKit.Models;

/// <summary>Chooses the sizes a model is opened with from its metadata and the machine, before anything is loaded.</summary>
internal static class ModelPlan
{
    /// <summary>llama.cpp aborts the process when a GPU runs out of memory, so this much stays free.</summary>
    public const long GpuMargin = 1L << 30;

    /// <summary>Share of the memory left beside the weights that KV cells may take.</summary>
    private const double KvShare = 0.25;

    /// <summary>KV memory is taken in full when a model is opened, so a model's full context is taken only on request.</summary>
    public const int LargestChosenContext = 16_384;

    private const long LargestPromptCache = 2L << 30;

    /// <summary>A context chosen for lack of memory does not go below this; a smaller one is no use to an agent.</summary>
    public const int SmallestChosenContext = 2048;

    /// <param name="model">What the file says.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="devices">The devices found.</param>
    /// <param name="freeMemory">Main memory available to this process, in bytes.</param>
    /// <param name="usableCpus">CPUs this process may use.</param>
    /// <exception cref="UserInputException">What was asked for cannot be had.</exception>
    public static ModelSettings Choose(
        ModelDimensions model, LocalModelOptions options, IReadOnlyList<ComputeDevice> devices, long freeMemory, int usableCpus)
    {
        List<string> notes = [];
        int context = RequestedContext(model, options, notes);
        int gpuLayers = options.GpuLayers is { } wanted ? Math.Min(wanted, model.Layers + 1) : FittingLayers(model, context, devices, notes);
        bool onGpu = gpuLayers > model.Layers;
        long gpuFree = devices.Where(d => d.IsGpu).Sum(d => Math.Max(0, d.FreeBytes - GpuMargin));
        long kvBytes = (long)(KvShare * Math.Max(0, onGpu ? gpuFree - model.GpuBytes : freeMemory - model.WeightBytes));
        // llama.cpp rounds to 256 cells.
        long fitting = model.KvBytesPerToken == 0 ? int.MaxValue : kvBytes / model.KvBytesPerToken / 256 * 256;
        if (fitting < context)
        {
            context = SmallerContext(model, options, context, fitting, notes);
        }

        long cells = Math.Min((long)context * options.Parallel, Math.Max(fitting, context));
        if (cells < (long)context * options.Parallel)
        {
            notes.Add($"Memory holds {cells:N0} KV cells: fewer than {options.Parallel} conversations of {context:N0} tokens can run at once; others wait.");
        }

        return new(context, (int)Math.Min(cells, int.MaxValue / 2), options.Parallel, options.Threads ?? usableCpus, gpuLayers, options.BatchSize, notes)
        {
            KvType = options.KvType,
            ExpertsInMainMemory = options.ExpertsInMainMemory,
            PromptCacheBytes = options.PromptCacheBytes ?? Math.Min(LargestPromptCache, freeMemory / 8),
        };
    }

    private static int RequestedContext(ModelDimensions model, LocalModelOptions options, List<string> notes)
    {
        if (options.ContextLength > model.TrainedContext)
        {
            throw new UserInputException(nameof(options.ContextLength),
                $"A context of {options.ContextLength:N0} tokens was asked for; the model was trained for at most {model.TrainedContext:N0}.");
        }

        if (options.ContextLength is null && model.TrainedContext > LargestChosenContext)
        {
            notes.Add($"The context is {LargestChosenContext:N0} tokens; the model allows up to {model.TrainedContext:N0} when ContextLength asks for it.");
        }

        return options.ContextLength ?? Math.Min(model.TrainedContext, LargestChosenContext);
    }

    private static int SmallerContext(ModelDimensions model, LocalModelOptions options, int context, long fitting, List<string> notes)
    {
        int smallest = Math.Min(SmallestChosenContext, model.TrainedContext);
        if (options.ContextLength is not null || fitting < smallest)
        {
            throw new UserInputException(nameof(options.ContextLength),
                $"A context of {(options.ContextLength ?? smallest):N0} tokens needs {Gib((options.ContextLength ?? smallest) * model.KvBytesPerToken)} of memory "
                + $"beside {Gib(model.WeightBytes)} of weights; there is room for {Math.Max(0, fitting):N0} tokens.");
        }

        int chosen = (int)fitting;
        notes.Add($"The context is {chosen:N0} tokens instead of the model's {context:N0}: a quarter of the free memory holds no more.");
        return chosen;
    }

    private static int FittingLayers(ModelDimensions model, int context, IReadOnlyList<ComputeDevice> devices, List<string> notes)
    {
        long room = devices.Where(d => d.IsGpu).Sum(d => Math.Max(0, d.FreeBytes - GpuMargin));
        if (room == 0)
        {
            return 0;
        }

        // The output layer counts as one more, as llama.cpp counts it.
        long perLayer = ((model.GpuBytes + (context * model.KvBytesPerToken)) / (model.Layers + 1)) + 1;
        int layers = (int)Math.Min(model.Layers + 1, room / perLayer);
        if (layers <= model.Layers)
        {
            notes.Add($"{layers} of {model.Layers + 1} layers fit on the GPU with {Gib(GpuMargin)} left free; the rest runs on the CPU.");
        }

        return layers;
    }

    private static string Gib(long bytes) => $"{bytes / (double)(1L << 30):0.00} GiB";
}
