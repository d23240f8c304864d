using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Tests.Models.Runtime;

public sealed class ModelPlanTests
{
    private const long Gib = 1L << 30;
    private static readonly ComputeDevice Cpu = new("CPU", "a processor", false, 16 * Gib, 16 * Gib);

    /// <summary>The measures of an 8B model: 32 layers, 128 KiB of keys and values a token, 4.6 GiB of weights.</summary>
    private static readonly ModelDimensions Llama8B = new(131_072, 32, 131_072, 46 * Gib / 10);

    [Fact]
    public void Choose_PlentyOfMemory_TakesWhatIsAskedFor()
    {
        ModelSettings settings = Choose(new() { ContextLength = 4096, Parallel = 4, Threads = 3 }, [Cpu], 64 * Gib);
        Assert.Equal((4096, 16_384, 4, 3, 0), (settings.ContextLength, settings.KvCells, settings.Parallel, settings.Threads, settings.GpuLayers));
        Assert.Empty(settings.Notes);
    }

    [Fact]
    public void Choose_LongTrainedContext_IsCappedAndSaysSo()
    {
        ModelSettings settings = Choose(new(), [Cpu], 256 * Gib);
        Assert.Equal(16_384, settings.ContextLength);
        Assert.Contains("131,072", Assert.Single(settings.Notes));
    }

    [Fact]
    public void Choose_LittleMemory_ShrinksTheContextAndSaysSo()
    {
        ModelSettings settings = Choose(new(), [Cpu], 8 * Gib);
        Assert.InRange(settings.ContextLength, 2048, 7_000);
        Assert.Equal(settings.ContextLength, settings.KvCells);
        Assert.Equal(3, settings.Notes.Count);
    }

    [Fact]
    public void Choose_RequestedContextDoesNotFit_IsRefused()
    {
        UserInputException error = Assert.Throws<UserInputException>(() => Choose(new() { ContextLength = 100_000 }, [Cpu], 8 * Gib));
        Assert.Equal("ContextLength", error.Field);
        Assert.Throws<UserInputException>(() => Choose(new() { ContextLength = 200_000 }, [Cpu], 8 * Gib));
    }

    [Fact]
    public void Choose_ExpertsInMainMemory_PutsTheRestOfMoreLayersOnTheGpu()
    {
        ModelDimensions mixture = new(32_768, 48, 98_304, 17 * Gib);
        ComputeDevice gpu = new("GPU", "a graphics card", true, 8 * Gib, 8 * Gib);
        LocalModelOptions options = new() { ContextLength = 8192, Parallel = 1, ExpertsInMainMemory = true };
        ModelSettings whole = ModelPlan.Choose(mixture, options, [Cpu, gpu], 64 * Gib, 4);
        ModelSettings apart = ModelPlan.Choose(mixture with { MainMemoryBytes = 15 * Gib }, options, [Cpu, gpu], 64 * Gib, 4);
        Assert.InRange(whole.GpuLayers, 1, 30);
        Assert.Equal(49, apart.GpuLayers);
        Assert.True(apart.ExpertsInMainMemory);
    }

    [Theory]
    [InlineData(80, 33)]
    [InlineData(5, 23)]
    [InlineData(1, 0)]
    public void Choose_Gpu_OffloadsWhatFitsBesideTheMargin(int gpuGib, int layers)
    {
        ComputeDevice gpu = new("CUDA0", "a GPU", true, gpuGib * Gib, gpuGib * Gib);
        Assert.Equal(layers, Choose(new() { ContextLength = 8192 }, [Cpu, gpu], 64 * Gib).GpuLayers);
        Assert.Equal(2, Choose(new() { ContextLength = 8192, GpuLayers = 2 }, [Cpu, gpu], 64 * Gib).GpuLayers);
    }

    private static ModelSettings Choose(LocalModelOptions options, ComputeDevice[] devices, long free) =>
        ModelPlan.Choose(Llama8B, options, devices, free, usableCpus: 8);
}
