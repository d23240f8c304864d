using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Fitting;

/// <summary>
/// Says before a model is loaded what it will take and with which sizes it fits: arithmetic on the file's metadata alone, checked by one dry
/// run of llama.cpp that allocates neither weights nor KV cache.
/// </summary>
public static class ModelFit
{
    /// <summary>Plans with the devices and the memory of this machine.</summary>
    /// <param name="path">A GGUF file; the first one of a split model.</param>
    /// <param name="options">What it is to be fitted to.</param>
    /// <exception cref="UserInputException">The file is missing or damaged, or the context is longer than the model was trained for.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or refuse the sizes.</exception>
    public static ModelFitPlan Plan(string path, ModelFitOptions? options = null)
    {
        options ??= new();
        FitPlanner planner = FitPlanner.For(ModelFile.OpenChecked(path), options, NativeRuntime.Probe().Devices, options.MemoryBytes ?? Free());
        ModelFitPlan plan = planner.Choose();
        MeasuredMemory measured = Measure(path, plan, options);
        if (measured.ComputeBytes > plan.ComputeBytes)
        {
            // The estimate was too low: choose again with what the buffers really take.
            plan = planner.Choose(measured.ComputeBytes);
            measured = Measure(path, plan, options);
        }

        return plan with { ComputeBytes = measured.ComputeBytes, Measured = measured };
    }

    /// <summary>The arithmetic alone, for any machine.</summary>
    /// <param name="file">The model.</param>
    /// <param name="options">What it is to be fitted to.</param>
    /// <param name="devices">The devices there are.</param>
    /// <param name="memoryBytes">Main memory to plan for.</param>
    /// <exception cref="UserInputException">The file is damaged, or the context is longer than the model was trained for.</exception>
    internal static ModelFitPlan Plan(GgufFile file, ModelFitOptions options, IReadOnlyList<ComputeDevice> devices, long memoryBytes) =>
        FitPlanner.For(file, options, devices, memoryBytes).Choose();

    private static MeasuredMemory Measure(string path, ModelFitPlan plan, ModelFitOptions options) =>
        DryRun.Measure(path, FitPlanner.Engine(plan, options.BatchSize), plan.GpuLayers);

    private static long Free() => MachineMemory.FreeBytes() / 10 * 9;
}
