using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Peft;

namespace AgentKit.Tests.Training.Peft;

public sealed class PeftAdapterTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    public void ExportThenImport_GivesTheSameAdapter(string architecture)
    {
        (string model, string adapter) = Trained(architecture);
        Assert.Equal(14, PeftAdapter.Export(adapter, model, _folder["peft"]));
        Assert.Equal(14, PeftAdapter.Import(_folder["peft"], model, _folder["back.gguf"]));
        GgufFile before = GgufFile.Open(adapter), after = GgufFile.Open(_folder["back.gguf"]);
        Assert.All(before.Tensors, tensor => Assert.Equal(before.ReadFloats(tensor), after.ReadFloats(after.FindTensor(tensor.Name)!)));
        Assert.Equal(AdapterInfo.Read(adapter).Alpha, AdapterInfo.Read(_folder["back.gguf"]).Alpha);
        Assert.Equal(LlamaReference.Logits(model, [1, 2, 3], 1, adapter), LlamaReference.Logits(model, [1, 2, 3], 1, _folder["back.gguf"]));
    }

    [NativeFact]
    public void Export_LlamaQueries_HaveTheRowsOfHuggingFace()
    {
        (string model, string adapter) = Trained("llama");
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        var tensors = Safetensors.Read(Path.Combine(_folder["peft"], "adapter_model.safetensors"));
        (long[] shape, float[] values) = tensors["base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight"];
        GgufFile file = GgufFile.Open(adapter);
        float[] own = file.ReadFloats(file.FindTensor("blk.0.attn_q.weight.lora_b")!);
        Assert.Equal([64, 4], shape);
        // Two heads of 32: row 1 of the file is the second half's first row, which Hugging Face has in the middle of the head.
        Assert.Equal(own[(1 * 4)..(2 * 4)], values[(16 * 4)..(17 * 4)]);
        Assert.Equal(own[(2 * 4)..(3 * 4)], values[(1 * 4)..(2 * 4)]);
        Assert.Equal(own[(33 * 4)..(34 * 4)], values[(48 * 4)..(49 * 4)]);
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["peft"], "adapter_config.json")))!.AsObject();
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], config["target_modules"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((4, 8.0), ((int)config["r"]!, (double)config["lora_alpha"]!));
    }

    [NativeFact]
    public void ExportThenImport_FusedMatrices_HaveTheirNamesInPeft()
    {
        (string model, string adapter) = Trained("phi3");
        Assert.Equal(8, PeftAdapter.Export(adapter, model, _folder["peft"]));
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["peft"], "adapter_config.json")))!.AsObject();
        Assert.Equal(["qkv_proj", "o_proj", "gate_up_proj", "down_proj"], config["target_modules"]!.AsArray().Select(name => (string)name!));
        (long[] shape, _) = Safetensors.Read(Path.Combine(_folder["peft"], "adapter_model.safetensors"))["base_model.model.model.layers.1.mlp.gate_up_proj.lora_B.weight"];
        Assert.Equal([256, 4], shape);
        Assert.Equal(8, PeftAdapter.Import(_folder["peft"], model, _folder["back.gguf"]));
        Assert.Equal(LlamaReference.Logits(model, [1, 2, 3], 1, adapter), LlamaReference.Logits(model, [1, 2, 3], 1, _folder["back.gguf"]));
    }

    [Theory]
    [InlineData("base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight")]
    [InlineData("base_model.model.model.language_model.layers.3.self_attn.q_proj.lora_A.weight")]
    [InlineData("base_model.model.language_model.model.layers.3.self_attn.q_proj.lora_A.default.weight")]
    public void ToGguf_LayersOfModelsWithAndWithoutPictures_AreTheSame(string name) => Assert.Equal(("blk.3.attn_q.weight", "attn_q", 'A'), PeftNames.ToGguf(name));

    [NativeTheory]
    [InlineData("\"use_dora\": true", "use_dora is true")]
    [InlineData("\"peft_type\": \"IA3\"", "peft_type is \"IA3\"")]
    [InlineData("\"r\": 8", "of shape [4, 128]; [8, 128] fits")]
    public void Import_OfAnotherKind_IsRefused(string field, string expected)
    {
        (string model, string adapter) = Trained("llama");
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        string path = Path.Combine(_folder["peft"], "adapter_config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse($"{{{field}}}")!.AsObject()) config[name] = value?.DeepClone();
        File.WriteAllText(path, config.ToJsonString());
        string message = Assert.Throws<UserInputException>(() => PeftAdapter.Import(_folder["peft"], model, _folder["back.gguf"])).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it has no head")]
    [InlineData("ffffffffffffff7f7b7d", "its head is said to have")]
    [InlineData("02000000000000007b5d", "its head is no description")]
    [InlineData("0200000000000000", "its head is said to have 2 bytes")]
    public void Read_DamagedSafetensors_IsNamed(string hex, string expected)
    {
        string path = _folder["bad.safetensors"];
        File.WriteAllBytes(path, Convert.FromHexString(hex));
        Assert.Contains(expected, Assert.Throws<UserInputException>(() => Safetensors.Read(path)).Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Commands_ExportAndImport()
    {
        (string model, string adapter) = Trained("llama");
        CliRun export = await CliRun.OfAsync("train", "export", adapter, _folder["peft"], "-m", model, "--json");
        Assert.Equal((ExitCode.Done, ""), (export.ExitCode, export.ExitCode == ExitCode.Done ? "" : export.Error));
        CliRun import = await CliRun.OfAsync("train", "import", _folder["peft"], _folder["back.gguf"], "-m", model, "--json");
        Assert.Equal(14, (int)JsonNode.Parse(import.Out)!["matrices"]!);
        CliRun again = await CliRun.OfAsync("train", "export", adapter, _folder["peft"], "-m", model);
        Assert.Equal(ExitCode.WrongInput, again.ExitCode);
        Assert.Contains("holds an adapter already", again.Error, StringComparison.Ordinal);
    }

    /// <summary>An adapter whose matrices are all different.</summary>
    private (string Model, string Adapter) Trained(string architecture)
    {
        string model = TestModel.Create(_folder["model.gguf"], new() { Architecture = architecture });
        using TrainingEngine engine = TrainingEngine.Open(model, new() { Rank = 4, Alpha = 8 }, seed: 1, new() { Threads = 1 });
        var random = new Random(2);
        foreach (LoraMatrix matrix in engine.Adapter.Matrices)
        {
            Span<float> rows = engine.Adapter.Values.AsSpan(engine.Adapter.Places(matrix).B);
            for (int i = 0; i < rows.Length; i++) rows[i] = i % engine.Adapter.PaddedRank < 4 ? random.NextSingle() - 0.5f : 0;
        }

        engine.Adapter.Upload();
        engine.SaveAdapter(_folder["adapter.gguf"], new() { Name = "test", BaseName = "test model", BaseSha256 = Sha256(model) });
        Assert.NotEmpty(engine.LogProbabilities(new Pack([new TrainingSample(1, [1, 2], [0, 1])])));
        return (model, _folder["adapter.gguf"]);
    }

    private static string Sha256(string path) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
}
