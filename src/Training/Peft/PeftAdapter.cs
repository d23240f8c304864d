using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Peft;

/// <summary>
/// LoRA adapters in the folders of Hugging Face's PEFT (<c>adapter_config.json</c>, <c>adapter_model.safetensors</c>), written and read. For some families (llama, granite,
/// smollm3) conversion to GGUF reorders the rows of queries and keys; the adapter's rows are reordered with them.
/// </summary>
public static class PeftAdapter
{
    private const string ConfigName = "adapter_config.json", WeightsName = "adapter_model.safetensors";

    /// <summary>Ways to begin training that leave other weights in the model than its file has.</summary>
    private static readonly string[] ChangingStarts = ["pissa", "olora", "corda", "loftq", "lora_ga"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes an adapter as a PEFT folder.</summary>
    /// <param name="adapterPath">The adapter in GGUF.</param>
    /// <param name="modelPath">The model it was made for.</param>
    /// <param name="folder">The folder; created if need be.</param>
    /// <param name="allowOtherBase">Whether the adapter may have been trained on another file of the same shape.</param>
    /// <param name="cancellationToken">Cancels; nothing is written then.</param>
    /// <returns>How many matrices were written.</returns>
    /// <exception cref="UserInputException">
    /// The adapter belongs to another model, has several ranks, changes other matrices than PEFT's, or the folder is none or holds an adapter already.
    /// </exception>
    public static int Export(string adapterPath, string modelPath, string folder, bool allowOtherBase = false, CancellationToken cancellationToken = default)
    {
        CheckFolder(folder);
        AdapterInfo info = AdapterInfo.Read(adapterPath);
        info.Require(modelPath, allowOtherBase, cancellationToken);
        LoraOptions shape = info.Shape();
        GgufFile adapter = info.File, model = ModelFile.OpenChecked(modelPath);
        ModelFamily family = FamilyOf(model);
        List<(string, long[], float[])> tensors = [];
        foreach (GgufTensorInfo tensor in adapter.Tensors)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isA = tensor.Name.EndsWith(AdapterInfo.EndingA, StringComparison.Ordinal);
            if (!isA && !tensor.Name.EndsWith(AdapterInfo.EndingB, StringComparison.Ordinal)) throw Other(tensor, "is no side of an adapted matrix");
            if (tensor.Shape[isA ? 1 : 0] is var rank && rank != shape.Rank) throw Other(tensor, $"has rank {rank}, others {shape.Rank}; adapters of one rank can be exported");
            string weight = tensor.Name[..tensor.Name.LastIndexOf('.')];
            float[] values = adapter.ReadFloats(tensor);
            if (!isA && Heads(model, family, weight) is { } heads) values = RowOrder.ToHuggingFace(values, heads, (int)tensor.Shape[0]);
            tensors.Add((PeftNames.FromGguf(weight, isA ? 'A' : 'B', family.FusesFeed), [tensor.Shape[1], tensor.Shape[0]], values));
        }

        JsonObject config = new()
        {
            ["peft_type"] = "LORA", ["task_type"] = "CAUSAL_LM", ["base_model_name_or_path"] = info.BaseName ?? "", ["r"] = shape.Rank, ["lora_alpha"] = shape.Alpha,
            ["target_modules"] = new JsonArray([.. info.Targets.Select(target => JsonValue.Create(PeftNames.TargetOf(target, family.FusesFeed)))]),
            ["lora_dropout"] = 0, ["bias"] = "none", ["use_rslora"] = false, ["use_dora"] = false, ["inference_mode"] = true,
        };
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, ConfigName), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(config, Indented)));
        Safetensors.Write(Path.Combine(folder, WeightsName), tensors);
        return info.Matrices;

        UserInputException Other(GgufTensorInfo tensor, string what) => new("ADAPTER", $"ADAPTER: {adapterPath}: {tensor.Name} {what}.");
    }

    /// <summary>Reads a PEFT folder and writes its adapter as GGUF.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="modelPath">The model, converted from the one that the adapter was made for.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="cancellationToken">Cancels; nothing is written then.</param>
    /// <returns>How many matrices were written.</returns>
    /// <exception cref="UserInputException">
    /// The folder cannot be read, is of another kind (DoRA, several ranks or strengths), or does not fit the model; or the output exists or lies in no folder.
    /// </exception>
    public static int Import(string folder, string modelPath, string output, CancellationToken cancellationToken = default)
    {
        (int rank, double alpha) = Config(folder);
        GgufFile model = ModelFile.OpenChecked(modelPath);
        GgufFile[] parts = [.. SplitCheck.Verify(new ModelMetadata(model))];
        ModelFamily family = FamilyOf(model);
        Dictionary<string, GgufTensorInfo> weights = parts.SelectMany(part => part.Tensors).ToDictionary(tensor => tensor.Name);
        string path = OutputFile.Check(output, parts, overwrite: false, "give another name");
        var tensors = Safetensors.Read(Path.Combine(folder, WeightsName));
        var writer = new GgufWriter();
        writer.Set("general.type", "adapter").Set("general.architecture", model.FindString("general.architecture")!).Set("adapter.type", "lora")
            .Set("adapter.lora.alpha", (float)alpha).Set("general.name", Path.GetFileName(Path.GetFullPath(folder)));
        int matrices = 0;
        foreach ((string name, (long[] sizes, float[] values)) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            (string weight, _, char side) = PeftNames.ToGguf(name) ?? throw Misfit($"holds {name}, which cannot be adapted here");
            GgufTensorInfo target = weights.GetValueOrDefault(weight) ?? throw Misfit($"changes {weight}, which {model.Name} does not have");
            bool isA = side == 'A';
            long[] expected = isA ? [rank, target.Shape[0]] : [target.Shape[1], rank];
            if (!sizes.SequenceEqual(expected)) throw Misfit($"holds {name} of shape [{string.Join(", ", sizes)}]; [{string.Join(", ", expected)}] fits {model.Name}");
            float[] rows = !isA && Heads(model, family, weight) is { } heads ? RowOrder.FromHuggingFace(values, heads, rank) : values;
            writer.Add($"{weight}.lora_{(isA ? 'a' : 'b')}", GgmlType.F32, [sizes[1], sizes[0]], rows);
            matrices += isA ? 1 : 0;
        }

        if (matrices == 0 || tensors.Count != 2 * matrices) throw Misfit("does not hold an A and a B for each matrix");
        writer.Write(path);
        return matrices;

        UserInputException Misfit(string what) => new("FOLDER", $"FOLDER: {folder} {what}.");
    }

    private static void CheckFolder(string folder)
    {
        if (File.Exists(folder)) throw new UserInputException("FOLDER", $"FOLDER: {folder} is a file; the path of a new folder is expected.");
        if (Array.Exists([ConfigName, WeightsName], name => File.Exists(Path.Combine(folder, name))))
            throw new UserInputException("FOLDER", $"FOLDER: {folder} holds an adapter already.");
    }

    private static ModelFamily FamilyOf(GgufFile model)
    {
        string architecture = model.FindString("general.architecture")!;
        return ModelFamily.All.GetValueOrDefault(architecture) ?? throw new UserInputException(
            "model", $"{model.Name} is a {architecture}; how the rows of {string.Join(", ", ModelFamily.All.Keys)} lie in PEFT is known.");
    }

    /// <summary>Heads whose rows were reordered when the model became a GGUF file; <c>null</c> where none were.</summary>
    private static int? Heads(GgufFile model, ModelFamily family, string weight)
    {
        if (!family.InterleavesHeads) return null;
        string heads = $"{model.FindString("general.architecture")}.attention.head_count";
        return (int?)(weight.Contains(".attn_q.", StringComparison.Ordinal) ? model.FindInteger(heads)
            : weight.Contains(".attn_k.", StringComparison.Ordinal) ? model.FindInteger($"{heads}_kv") ?? model.FindInteger(heads)
            : null);
    }

    private static (int Rank, double Alpha) Config(string folder)
    {
        string path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path) || !File.Exists(Path.Combine(folder, WeightsName)))
            throw new UserInputException("FOLDER", $"FOLDER: {folder} is no PEFT adapter; it needs {ConfigName} and {WeightsName}.");
        try
        {
            JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if ((string?)config["peft_type"] != "LORA") throw Other($"peft_type is {config["peft_type"]?.ToJsonString() ?? "missing"}; \"LORA\" can be read");
            if ((bool?)config["use_dora"] == true) throw Other("use_dora is true; such adapters cannot be expressed in GGUF");
            foreach (string pattern in (string[])["rank_pattern", "alpha_pattern"])
            {
                if (config[pattern] is JsonObject { Count: > 0 }) throw Other($"{pattern} is given; adapters of one rank and one alpha can be read");
            }

            if (config["init_lora_weights"] is JsonValue start && start.TryGetValue(out string? kind)
                && Array.Exists(ChangingStarts, name => kind.StartsWith(name, StringComparison.Ordinal)))
                throw Other($"init_lora_weights is \"{kind}\": its training began by changing the model's own weights; let PEFT convert it to plain LoRA");
            foreach (string field in (string[])["alora_invocation_tokens", "layer_replication"])
            {
                if (config[field] is not null) throw Other($"{field} is given; such adapters cannot be expressed here");
            }

            (int rank, double alpha) = ((int)config["r"]!, (double)config["lora_alpha"]!);
            if (rank < 1 || !double.IsFinite(alpha) || alpha == 0) throw Other($"r is {rank} and lora_alpha {alpha}; r of 1 or more and another lora_alpha than 0 can be read");
            // Rank-stabilized updates (Kalajdzievski 2023, arXiv:2312.03732) count alpha / √r, where GGUF has alpha / r.
            return (rank, (bool?)config["use_rslora"] == true ? alpha * Math.Sqrt(rank) : alpha);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentNullException)
        {
            throw Other("it is no configuration with r and lora_alpha");
        }

        UserInputException Other(string what) => new("FOLDER", $"FOLDER: {path}: {what}.");
    }
}
