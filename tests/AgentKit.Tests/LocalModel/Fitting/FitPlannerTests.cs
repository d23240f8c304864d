using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Fitting;
using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.LocalModel.Fitting;

public sealed class FitPlannerTests
{
    private const long Mib = 1 << 20;
    private const long Gib = 1L << 30;

    /// <summary>4 layers, 2 KV heads of 64: 2,048 bytes of F16 keys and values for each token.</summary>
    private static readonly TestModelShape Shape = new() { Embedding = 256, Heads = 4, KvHeads = 2, Layers = 4, ContextLength = 32_768 };

    private static readonly GgufFile Dense = Open(Shape);
    private static readonly GgufFile Mixture = Open(new() { Experts = 8, ExpertsUsed = 2, Layers = 4, FeedForward = 512, ContextLength = 4096 });

    [Fact]
    public void Plan_PlentyOfMemory_TakesEverythingInFullPrecision()
    {
        ModelFitPlan plan = Plan(new() { ContextLength = 4096, Parallel = 2 }, 8 * Gib);
        Assert.True(plan.Fits);
        Assert.Equal((4096, 2, KvType.F16, 8192L), (plan.ContextLength, plan.Parallel, plan.KvType, plan.KvCells));
        Assert.Equal(16 * Mib, plan.KvBytes);
        Assert.Equal(Dense.Tensors.Sum(tensor => tensor.Bytes), plan.WeightBytes);
        Assert.Equal(plan.NeededBytes, plan.MainBytes);
        Assert.Empty(plan.Notes);
    }

    [Fact]
    public void Plan_LessAndLessMemory_GivesUpPrecisionThenConversationsThenContext()
    {
        ModelFitPlan full = Plan(new() { Parallel = 4 }, 64 * Gib);
        Assert.Equal((16_384, 4, KvType.F16), (full.ContextLength, full.Parallel, full.KvType));
        var seen = new List<(int Context, int Parallel, KvType Type)>();
        for (long memory = full.NeededBytes; memory > 0; memory -= Mib / 2)
        {
            ModelFitPlan plan = Plan(new() { Parallel = 4 }, memory);
            if (!plan.Fits) break;
            Assert.True(plan.NeededBytes <= memory);
            seen.Add((plan.ContextLength, plan.Parallel, plan.KvType));
        }

        Assert.Equal(
            [(16_384, 4, KvType.F16), (16_384, 4, KvType.Q8_0), (16_384, 3, KvType.Q8_0), (16_384, 2, KvType.Q8_0), (16_384, 1, KvType.Q8_0),
                (16_384, 1, KvType.Q4_0)],
            seen.Distinct().Take(6));
        Assert.Equal(seen.Select(choice => choice.Context), seen.Select(choice => choice.Context).OrderDescending());
        Assert.Equal(2048, seen[^1].Context);
    }

    [Fact]
    public void Plan_Downgrade_SaysWhatAndWhy()
    {
        ModelFitPlan full = Plan(new() { ContextLength = 16_384, Parallel = 4 }, 64 * Gib);
        ModelFitPlan plan = Plan(new() { ContextLength = 16_384, Parallel = 4 }, full.NeededBytes - 1);
        string note = Assert.Single(plan.Notes);
        Assert.StartsWith("The KV cache is q8_0 instead of f16: ", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_RequestedContextDoesNotFit_SaysSoAndKeepsIt()
    {
        ModelFitPlan plan = Plan(new() { ContextLength = 32_768, Parallel = 1 }, 16 * Mib);
        Assert.False(plan.Fits);
        Assert.Equal((32_768, 1, KvType.Q4_0), (plan.ContextLength, plan.Parallel, plan.KvType));
        Assert.StartsWith("Does not fit: ", plan.Notes[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ContextBeyondTraining_IsRefused() =>
        Assert.Equal("ContextLength", Assert.Throws<UserInputException>(() => Plan(new() { ContextLength = 40_000 }, Gib)).Field);

    [Fact]
    public void Plan_HeadsThatDoNotDivideIntoBlocks_StayInFullPrecision()
    {
        GgufFile odd = Open(new() { Embedding = 16, Heads = 2, KvHeads = 1, ContextLength = 4096 });
        ModelFitPlan plan = ModelFit.Plan(odd, new() { ContextLength = 4096, Parallel = 8 }, [], 8 * Mib);
        Assert.Equal(KvType.F16, plan.KvType);
    }

    [Theory]
    [InlineData(64 * Gib, 5)]
    [InlineData(Gib, 0)]
    public void Plan_Gpu_TakesAllLayersOrNone(long free, int layers)
    {
        ModelFitPlan plan = Plan(new() { ContextLength = 4096, Parallel = 1 }, 8 * Gib, Gpu(free));
        Assert.Equal(layers, plan.GpuLayers);
        Assert.Equal(layers > 0, plan.GpuBytes > 0);
    }

    [Fact]
    public void Plan_SmallGpu_TakesSomeLayersAndSaysSo()
    {
        ModelFitPlan all = Plan(new() { ContextLength = 4096, Parallel = 1 }, 8 * Gib, Gpu(64 * Gib));
        ModelFitPlan plan = Plan(new() { ContextLength = 4096, Parallel = 1 }, 8 * Gib, Gpu(Gib + all.GpuBytes - 1));
        Assert.Equal(4, plan.GpuLayers);
        Assert.Contains("4 of 5 layers go to the GPU", Assert.Single(plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_Mixture_CountsExpertsApartAndLayersWithoutThem()
    {
        ModelFitPlan free = ModelFit.Plan(Mixture, new() { ContextLength = 1024, Parallel = 1 }, [], Gib);
        Assert.Equal(4 * 3 * 8 * 64 * 512 * 4, free.ExpertBytes);
        ModelFitPlan small = ModelFit.Plan(
            Mixture, new() { ContextLength = 1024, Parallel = 1 }, [Gpu(Gib + free.NeededBytes - (free.ExpertBytes / 2))], Gib);
        Assert.InRange(small.GpuLayers, 1, 4);
        Assert.Equal(5, small.GpuLayersWithoutExperts);
    }

    [Fact]
    public void Plan_WindowedModel_KnowsWhatWindowsWouldSave()
    {
        string path = WindowedModel.Create(Path.GetTempFileName(), "cohere2", window: 256);
        ModelFitPlan plan = ModelFit.Plan(GgufFile.Open(path), new() { ContextLength = 8192, Parallel = 1 }, [], Gib);
        File.Delete(path);
        // 6 of 8 layers hold 256 tokens for five sequence ids and a batch of 512.
        Assert.Equal(plan.KvBytes * ((2 * 8192) + (6 * 1792)) / (8 * 8192), plan.WindowedKvBytes);
    }

    private static ComputeDevice Gpu(long free) => new("GPU0", "a card", true, free, free);

    private static GgufFile Open(TestModelShape shape) => GgufFile.Read(new MemoryStream(TestModel.CreateBytes(shape)), "model.gguf");

    private static ModelFitPlan Plan(ModelFitOptions options, long memory, params ComputeDevice[] devices) => ModelFit.Plan(Dense, options, devices, memory);
}
