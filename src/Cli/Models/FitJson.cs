using AgentKit.Models.Fitting;

namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model fit --json</c>; docs/formats.md describes it. Sizes in bytes.</summary>
internal sealed record FitJson(
    string Model,
    bool Fits,
    int ContextLength,
    int Parallel,
    string KvType,
    long KvCells,
    int Layers,
    int GpuLayers,
    int? GpuLayersWithoutExperts,
    long MemoryBytes,
    long GpuMemoryBytes,
    long NeededBytes,
    long MainBytes,
    long GpuBytes,
    long WeightBytes,
    long ExpertBytes,
    long KvBytes,
    long WindowedKvBytes,
    long RecurrentBytes,
    long ComputeBytes,
    long OutputBytes,
    FitJson.DryRunJson? DryRun,
    IReadOnlyList<string> Notes)
{
    public static FitJson Of(string model, ModelFitPlan plan) => new(
        model,
        plan.Fits,
        plan.ContextLength,
        plan.Parallel,
        plan.KvType.ToString().ToLowerInvariant(),
        plan.KvCells,
        plan.Layers,
        plan.GpuLayers,
        plan.GpuLayersWithoutExperts,
        plan.MemoryBytes,
        plan.GpuMemoryBytes,
        plan.NeededBytes,
        plan.MainBytes,
        plan.GpuBytes,
        plan.WeightBytes,
        plan.ExpertBytes,
        plan.KvBytes,
        plan.WindowedKvBytes,
        plan.RecurrentBytes,
        plan.ComputeBytes,
        plan.OutputBytes,
        plan.Measured is { } m ? new(plan.Agrees == true, m.KvBytes, m.RecurrentBytes, m.ComputeBytes, m.OutputBytes) : null,
        plan.Notes);

    /// <summary>What llama.cpp said without allocating anything, and whether the arithmetic agrees with it.</summary>
    internal sealed record DryRunJson(bool Agrees, long KvBytes, long RecurrentBytes, long ComputeBytes, long OutputBytes);
}
