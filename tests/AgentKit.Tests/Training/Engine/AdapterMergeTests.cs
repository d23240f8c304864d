using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

public sealed class AdapterMergeTests : IDisposable
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 24).Select(t => (t * 37 + 11) % 300)];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(GgmlType.F32, 1e-5)]
    [InlineData(GgmlType.F16, 5e-3)]
    [InlineData(GgmlType.Q8_0, 5e-2)]
    public async Task Merge_Logits_AreThoseOfModelAndAdapter(GgmlType type, double tolerance)
    {
        TestModelShape shape = new() { Type = type };
        string model = TestModel.Create(_folder["model.gguf"], shape), adapter = TestAdapter.Create(_folder["adapter.gguf"], shape, seed: 4);
        CliRun run = await CliRun.OfAsync("train", "merge", adapter, _folder["merged.gguf"], "-m", model, "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(4, JsonDocument.Parse(run.Out).RootElement.GetProperty("matrices").GetInt32());
        float[][] merged = LlamaReference.Logits(_folder["merged.gguf"], Tokens, 1);
        float[][] beside = LlamaReference.Logits(model, Tokens, 1, adapter), without = LlamaReference.Logits(model, Tokens, 1);
        Assert.InRange(EngineCheck.Difference(merged, beside), 0, tolerance);
        Assert.True(EngineCheck.Difference(merged, without) > 0.1);
        Assert.Equal(
            GgufFile.Open(model).Metadata.Select(pair => (pair.Key, pair.Value.ToString())), GgufFile.Open(_folder["merged.gguf"]).Metadata.Select(pair => (pair.Key, pair.Value.ToString())));
    }

    [Fact]
    public void Merge_ForeignModelOrExistingFile_IsRefused()
    {
        string model = TestModel.Create(_folder["model.gguf"]), adapter = TestAdapter.Create(_folder["adapter.gguf"], new(), seed: 4);
        string other = TestModel.Create(_folder["other.gguf"], new TestModelShape { Embedding = 32 });
        Assert.Contains("does not belong to", Refused(other, _folder["out.gguf"]), StringComparison.Ordinal);
        Assert.Contains("--force", Refused(model, other), StringComparison.Ordinal);
        Assert.Contains("is the model itself", Refused(model, model), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.gguf"]));

        string Refused(string path, string output) => Assert.Throws<UserInputException>(() => AdapterMerge.Write(path, adapter, output)).Message;
    }
}
