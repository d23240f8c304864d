using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Models.Fitting;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>The arithmetic against what llama.cpp itself says it would take.</summary>
public sealed class ModelFitTests : IDisposable
{
    private const int Batch = 512;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string, KvType, int, int> Sizes()
    {
        var data = new TheoryData<string, KvType, int, int>();
        foreach (string kind in (string[])["full", "gqa", "moe", "windowed", "windowed-dense-first"])
        {
            foreach (KvType type in (KvType[])[KvType.F16, KvType.Q8_0, KvType.Q4_0]) data.Add(kind, type, 8192, 4);
            data.Add(kind, KvType.F16, 512, 1);
            data.Add(kind, KvType.F16, 32_768, 64);
        }

        return data;
    }

    [NativeTheory]
    [MemberData(nameof(Sizes))]
    public void Arithmetic_GeneratedModel_EqualsTheDryRun(string kind, KvType type, int cells, int parallel)
    {
        EngineOptions sizes = new(cells, cells, parallel, Batch, 1) { KvType = type };
        string path = Create(kind);
        CacheShape cache = CacheShapeReader.Read(GgufFile.Open(path));
        AssertNear(cache.KvBytes(cells, type), DryRun.Measure(path, sizes, 0).KvBytes);
        MeasuredMemory windowed = DryRun.Measure(path, sizes, 0, fullWindow: false);
        AssertNear(cache.WindowedKvBytes(cells, sizes.SequenceIds, Batch, type), windowed.KvBytes);
        Assert.Equal(kind.StartsWith("windowed", StringComparison.Ordinal), cache.Window > 0);
    }

    [NativeFact]
    public void Arithmetic_RecurrentModel_EqualsTheDryRun()
    {
        string path = SmallMamba.Create(_scratch["mamba.gguf"]);
        CacheShape cache = CacheShapeReader.Read(GgufFile.Open(path));
        EngineOptions sizes = new(4096, 4096, 8, Batch, 1);
        MeasuredMemory measured = DryRun.Measure(path, sizes, 0);
        Assert.Empty(cache.Layers);
        AssertNear(cache.RecurrentBytes * sizes.SequenceIds, measured.RecurrentBytes);
        Assert.True(measured.RecurrentBytes > 1 << 19);
    }

    [NativeFact]
    public void Plan_ShippedModel_AgreesWithTheDryRunAndOpens()
    {
        ModelFitPlan plan = ModelFit.Plan(ShippedModel.Path, new() { Parallel = 4 });
        Assert.True(plan.Fits);
        Assert.True(plan.Agrees);
        // 6 layers, 4 heads of 32 for keys and for values, 2 bytes each.
        Assert.Equal(plan.KvCells * 6 * 4 * 32 * 2 * 2, plan.KvBytes);
        Assert.Equal((1024, 4, KvType.F16), (plan.ContextLength, plan.Parallel, plan.KvType));
        Assert.Empty(plan.Notes);
    }

    [NativeFact]
    public void Plan_DryRun_AllocatesNeitherWeightsNorCache()
    {
        string path = Create("gqa");
        // 256 GiB of KV cells: nobody allocates that by mistake.
        MeasuredMemory measured = DryRun.Measure(path, new(1 << 28, 1 << 28, 1, Batch, 1), 0);
        Assert.True(measured.KvBytes > 1L << 36);
    }

    [NativeFact]
    public async Task Open_ExpertsInMainMemory_GivesTheSameText()
    {
        string path = Create("moe");
        ChatOptions greedy = new() { Temperature = 0, MaxOutputTokens = 8 };
        await using LocalModel plain = LocalModel.Open(path, new() { ContextLength = 256, Parallel = 1 });
        await using LocalModel apart = LocalModel.Open(path, new() { ContextLength = 256, Parallel = 1, ExpertsInMainMemory = true });
        Assert.True(apart.Settings.ExpertsInMainMemory);
        Assert.Equal((await plain.GetResponseAsync("Hello", greedy)).Text, (await apart.GetResponseAsync("Hello", greedy)).Text);
    }

    private static void AssertNear(long computed, long logged)
    {
        Assert.True(logged > 0);
        Assert.InRange(computed, logged - (1 << 15), logged + (1 << 15));
    }

    private string Create(string kind) => kind switch
    {
        "full" => TestModel.Create(_scratch["full.gguf"], new() { Heads = 2, KvHeads = 2, ContextLength = 65_536 }),
        "gqa" => TestModel.Create(_scratch["gqa.gguf"], new() { Embedding = 256, Heads = 8, KvHeads = 2, Layers = 4, ContextLength = 65_536 }),
        "moe" => TestModel.Create(_scratch["moe.gguf"], new() { Experts = 4, ExpertsUsed = 2, ContextLength = 65_536 }),
        "windowed" => WindowedModel.Create(_scratch["windowed.gguf"], "cohere2", window: 256),
        _ => WindowedModel.Create(_scratch["dense-first.gguf"], "cohere2", window: 1024, period: 3),
    };
}
