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
    [InlineData("smollm3")]
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

    [NativeTheory]
    [InlineData("llama", true)]
    [InlineData("granite", true)]
    [InlineData("smollm3", true)]
    [InlineData("qwen2", false)]
    [InlineData("qwen3", false)]
    [InlineData("gemma3", false)]
    public void Export_QueriesAndKeys_HaveTheRowsOfHuggingFace(string architecture, bool interleaved)
    {
        (string model, string adapter) = Trained(new TestModelShape { Architecture = architecture, Embedding = 128, Heads = 4, KvHeads = 2 });
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        var tensors = Safetensors.Read(Path.Combine(_folder["peft"], "adapter_model.safetensors"));
        GgufFile file = GgufFile.Open(adapter);
        AssertRows("q_proj", "attn_q", heads: 4);
        AssertRows("k_proj", "attn_k", heads: 2);
        (_, float[] values) = tensors["base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight"];
        Assert.Equal(file.ReadFloats(file.FindTensor("blk.0.attn_v.weight.lora_b")!), values);

        // Hugging Face has a head's first halves of all pairs, then the second; conversion puts the halves of a pair side by side.
        void AssertRows(string module, string matrix, int heads)
        {
            (long[] shape, float[] found) = tensors[$"base_model.model.model.layers.0.self_attn.{module}.lora_B.weight"];
            float[] own = file.ReadFloats(file.FindTensor($"blk.0.{matrix}.weight.lora_b")!);
            Assert.Equal([heads * 32, 4], shape);
            for (int head = 0; head < heads; head++)
            {
                for (int row = 0; row < 32; row++)
                {
                    int there = (head * 32) + row, here = interleaved ? (head * 32) + (2 * (row % 16)) + (row / 16) : there;
                    Assert.Equal(own[(here * 4)..((here + 1) * 4)], found[(there * 4)..((there + 1) * 4)]);
                }
            }
        }
    }

    [NativeTheory]
    [InlineData("llama")]
    [InlineData("granite")]
    [InlineData("smollm3")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    public void Export_NamesAndShapes_AreThoseOfPeft(string architecture)
    {
        (string model, string adapter) = Trained(new TestModelShape { Architecture = architecture });
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        (string Module, long Inputs, long Outputs)[] modules =
        [
            ("self_attn.q_proj", 64, 64), ("self_attn.k_proj", 64, 32), ("self_attn.v_proj", 64, 32), ("self_attn.o_proj", 64, 64),
            ("mlp.gate_proj", 64, 128), ("mlp.up_proj", 64, 128), ("mlp.down_proj", 128, 64),
        ];
        string[] expected = [.. Enumerable.Range(0, 2).SelectMany(layer => modules.SelectMany(each => (string[])
        [
            $"base_model.model.model.layers.{layer}.{each.Module}.lora_A.weight [4, {each.Inputs}]", $"base_model.model.model.layers.{layer}.{each.Module}.lora_B.weight [{each.Outputs}, 4]",
        ]))];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Safetensors.Read(Path.Combine(_folder["peft"], "adapter_model.safetensors")).Select(pair => $"{pair.Key} [{string.Join(", ", pair.Value.Shape)}]").Order(StringComparer.Ordinal));
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["peft"], "adapter_config.json")))!.AsObject();
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], config["target_modules"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((4, 8.0), ((int)config["r"]!, (double)config["lora_alpha"]!));
    }

    [NativeFact]
    public void Export_SeveralRanksOrAFile_IsRefused()
    {
        (string model, _) = Trained("llama");
        TestAdapter.Writer(new(), 1).Add("blk.0.attn_k.weight.lora_a", GgmlType.F32, [64, 2], new float[128]).Add("blk.0.attn_k.weight.lora_b", GgmlType.F32, [2, 32], new float[64])
            .Write(_folder["ranks.gguf"]);
        Assert.Contains("has rank 2, others 4", Refused("ranks.gguf", "peft"), StringComparison.Ordinal);
        Assert.Contains("is a file", Refused("adapter.gguf", "model.gguf"), StringComparison.Ordinal);
        TestAdapter.Writer(new(), 1).Add("blk.0.attn_norm.weight", GgmlType.F32, [64], new float[64]).Write(_folder["norm.gguf"]);
        Assert.Contains("blk.0.attn_norm.weight is no side", Refused("norm.gguf", "peft"), StringComparison.Ordinal);
        TestAdapter.Writer(new(), 1).Set("adapter.lora.alpha", -1f).Write(_folder["negative.gguf"]);
        Assert.Contains("has rank 4 and alpha -1", Refused("negative.gguf", "peft"), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["there"]);
        File.WriteAllText(_folder["there/adapter_config.json"], "{}");
        Assert.Contains("holds an adapter already", Refused("adapter.gguf", "there"), StringComparison.Ordinal);

        string Refused(string adapter, string folder) =>
            Assert.Throws<UserInputException>(() => PeftAdapter.Export(_folder[adapter], model, _folder[folder])).Message;
    }

    [NativeFact]
    public void Import_RankStabilized_CountsAlphaByTheRoot()
    {
        (string model, string adapter) = Trained("llama");
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        Configure("\"use_rslora\": true");
        PeftAdapter.Import(_folder["peft"], model, _folder["back.gguf"]);
        Assert.Equal(16, AdapterInfo.Read(_folder["back.gguf"]).Alpha);
    }

    [NativeFact]
    public void Import_SplitModel_FindsMatricesInAllParts()
    {
        (string model, string adapter) = Trained("llama");
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        Assert.Equal(14, PeftAdapter.Import(_folder["peft"], SplitModel.Of(model), _folder["back.gguf"]));
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
    [InlineData("\"alpha_pattern\": {\"q_proj\": 4}", "alpha_pattern is given")]
    [InlineData("\"rank_pattern\": {\"q_proj\": 4}", "rank_pattern is given")]
    [InlineData("\"lora_alpha\": 0", "lora_alpha 0")]
    [InlineData("\"init_lora_weights\": \"pissa_niter_4\"", "init_lora_weights is \"pissa_niter_4\"")]
    [InlineData("\"alora_invocation_tokens\": [1, 2]", "alora_invocation_tokens is given")]
    [InlineData("\"layer_replication\": [[0, 2]]", "layer_replication is given")]
    [InlineData("\"r\": 8", "of shape [4, 128]; [8, 128] fits")]
    public void Import_OfAnotherKind_IsRefused(string field, string expected)
    {
        (string model, string adapter) = Trained("llama");
        PeftAdapter.Export(adapter, model, _folder["peft"]);
        Configure(field);
        string message = Assert.Throws<UserInputException>(() => PeftAdapter.Import(_folder["peft"], model, _folder["back.gguf"])).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private void Configure(string field)
    {
        string path = Path.Combine(_folder["peft"], "adapter_config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse($"{{{field}}}")!.AsObject()) config[name] = value?.DeepClone();
        File.WriteAllText(path, config.ToJsonString());
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}}", "a is null")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2000000000,2000000000,2000000000],\"data_offsets\":[0,4]}}", "its head is no description")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "a is there twice")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "the place of a does not fit")]
    public void Read_SafetensorsWithABadHead_AreNamed(string head, string expected)
    {
        string path = _folder["bad.safetensors"];
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)head.Length), .. System.Text.Encoding.ASCII.GetBytes(head), 0, 0, 0, 0]);
        Assert.Contains(expected, Assert.Throws<UserInputException>(() => Safetensors.Read(path)).Message, StringComparison.Ordinal);
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
        CliRun nowhere = await CliRun.OfAsync("train", "import", _folder["peft"], _folder["none/back.gguf"], "-m", model);
        Assert.Equal(ExitCode.WrongInput, nowhere.ExitCode);
        Assert.Contains("there is no folder", nowhere.Error, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Commands_AdapterWithAHead_SayWhatIsLeftOut()
    {
        (string model, _) = Trained("llama");
        TestAdapter.Writer(new(), 1).Set("agentkit.score_head", GgufValue.Array(new float[64])).Write(_folder["reward.gguf"]);
        TestAdapter.Writer(new(), 1).Set("agentkit.value_head", GgufValue.Array(new float[64])).Write(_folder["ppo.gguf"]);
        Assert.Equal("score", await HeadAsync("reward.gguf"));
        Assert.Equal("value", await HeadAsync("ppo.gguf"));
        Assert.Null(await HeadAsync("adapter.gguf"));
        CliRun export = await CliRun.OfAsync("train", "export", _folder["reward.gguf"], _folder["peft"], "-m", model);
        Assert.Contains("head", export.Error, StringComparison.Ordinal);
        CliRun merge = await CliRun.OfAsync("train", "merge", _folder["reward.gguf"], _folder["merged.gguf"], "-m", model);
        Assert.Contains("it does not score", merge.Error, StringComparison.Ordinal);

        async Task<string?> HeadAsync(string adapter) => (string?)JsonNode.Parse((await CliRun.OfAsync("train", "inspect", _folder[adapter], "--json")).Out)!["head"];
    }

    /// <summary>An adapter whose matrices are all different.</summary>
    private (string Model, string Adapter) Trained(string architecture) => Trained(new TestModelShape { Architecture = architecture });

    private (string Model, string Adapter) Trained(TestModelShape shape)
    {
        string model = TestModel.Create(_folder["model.gguf"], shape);
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
