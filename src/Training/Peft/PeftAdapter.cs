using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Peft;

/// <summary>
/// LoRA adapters in the folders of Hugging Face's PEFT (<c>adapter_config.json</c>, <c>adapter_model.safetensors</c>), written and read. Conversion to GGUF reorders the rows of
/// a llama model's queries and keys; the adapter's rows are reordered with them.
/// </summary>
public static class PeftAdapter
{
    private const string ConfigName = "adapter_config.json", WeightsName = "adapter_model.safetensors";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes an adapter as a PEFT folder.</summary>
    /// <param name="adapterPath">The adapter in GGUF.</param>
    /// <param name="modelPath">The model it was made for.</param>
    /// <param name="folder">The folder; created if need be.</param>
    /// <returns>How many matrices were written.</returns>
    /// <exception cref="UserInputException">The adapter belongs to another model, changes other matrices, or the folder holds an adapter already.</exception>
    public static int Export(string adapterPath, string modelPath, string folder)
    {
        AdapterInfo info = AdapterInfo.Read(adapterPath);
        if (info.MisfitWith(modelPath) is { } misfit) throw new UserInputException("ADAPTER", $"ADAPTER: {adapterPath} does not belong to {modelPath}: {misfit}");
        LoraOptions shape = info.Shape();
        if (File.Exists(Path.Combine(folder, WeightsName))) throw new UserInputException("FOLDER", $"FOLDER: {folder} holds an adapter already.");
        GgufFile adapter = GgufFile.Open(adapterPath), model = ModelFile.OpenChecked(modelPath);
        List<(string, long[], float[])> tensors = [];
        bool fusesFeed = model.FindTensor("blk.0.ffn_gate.weight") is null;
        foreach (GgufTensorInfo tensor in adapter.Tensors)
        {
            bool isA = tensor.Name.EndsWith(".lora_a", StringComparison.Ordinal);
            string weight = tensor.Name[..tensor.Name.LastIndexOf('.')];
            float[] values = adapter.ReadFloats(tensor);
            if (!isA && Heads(model, weight) is { } heads) values = RowOrder.ToHuggingFace(values, heads, (int)tensor.Shape[0]);
            tensors.Add((PeftNames.FromGguf(weight, isA ? 'A' : 'B', fusesFeed), [tensor.Shape[1], tensor.Shape[0]], values));
        }

        Directory.CreateDirectory(folder);
        JsonObject config = new()
        {
            ["peft_type"] = "LORA", ["task_type"] = "CAUSAL_LM", ["base_model_name_or_path"] = info.BaseName ?? "", ["r"] = shape.Rank, ["lora_alpha"] = shape.Alpha,
            ["target_modules"] = new JsonArray([.. info.Targets.Select(target => JsonValue.Create(PeftNames.TargetOf(target, fusesFeed)))]),
            ["lora_dropout"] = 0, ["bias"] = "none", ["use_rslora"] = false, ["use_dora"] = false, ["inference_mode"] = true,
        };
        File.WriteAllText(Path.Combine(folder, ConfigName), config.ToJsonString(Indented));
        Safetensors.Write(Path.Combine(folder, WeightsName), tensors);
        return info.Matrices;
    }

    /// <summary>Reads a PEFT folder and writes its adapter as GGUF.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="modelPath">The model, converted from the one that the adapter was made for.</param>
    /// <param name="output">The file to write.</param>
    /// <returns>How many matrices were written.</returns>
    /// <exception cref="UserInputException">The folder cannot be read, is of another kind (DoRA, rank-stabilized), or does not fit the model.</exception>
    public static int Import(string folder, string modelPath, string output)
    {
        (int rank, double alpha) = Config(folder);
        GgufFile model = ModelFile.OpenChecked(modelPath);
        if (File.Exists(output)) throw new UserInputException("OUT", $"OUT: {output} exists already.");
        var tensors = Safetensors.Read(Path.Combine(folder, WeightsName));
        var writer = new GgufWriter();
        writer.Set("general.type", "adapter").Set("general.architecture", model.FindString("general.architecture") ?? "").Set("adapter.type", "lora")
            .Set("adapter.lora.alpha", (float)alpha).Set("general.name", Path.GetFileName(Path.GetFullPath(folder)));
        int matrices = 0;
        foreach ((string name, (long[] sizes, float[] values)) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            (string weight, _, char side) = PeftNames.ToGguf(name) ?? throw Misfit($"holds {name}, which cannot be adapted here");
            GgufTensorInfo target = model.FindTensor(weight) ?? throw Misfit($"changes {weight}, which {model.Name} does not have");
            bool isA = side == 'A';
            long[] expected = isA ? [rank, target.Shape[0]] : [target.Shape[1], rank];
            if (!sizes.SequenceEqual(expected)) throw Misfit($"holds {name} of shape [{string.Join(", ", sizes)}]; [{string.Join(", ", expected)}] fits {model.Name}");
            float[] rows = !isA && Heads(model, weight) is { } heads ? RowOrder.FromHuggingFace(values, heads, rank) : values;
            writer.Add($"{weight}.lora_{(isA ? 'a' : 'b')}", GgmlType.F32, [sizes[1], sizes[0]], rows);
            matrices += isA ? 1 : 0;
        }

        if (matrices == 0 || tensors.Count != 2 * matrices) throw Misfit("does not hold an A and a B for each matrix");
        writer.Write(output);
        return matrices;

        UserInputException Misfit(string what) => new("FOLDER", $"FOLDER: {folder} {what}.");
    }

    /// <summary>Heads whose rows were reordered when the model became a GGUF file; <c>null</c> where none were.</summary>
    private static int? Heads(GgufFile model, string weight)
    {
        if (model.FindString("general.architecture") != "llama") return null;
        long? heads = weight.Contains(".attn_q.", StringComparison.Ordinal) ? model.FindInteger("llama.attention.head_count")
            : weight.Contains(".attn_k.", StringComparison.Ordinal) ? model.FindInteger("llama.attention.head_count_kv") ?? model.FindInteger("llama.attention.head_count")
            : null;
        return (int?)heads;
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
            foreach (string variant in (string[])["use_rslora", "use_dora"])
            {
                if ((bool?)config[variant] == true) throw Other($"{variant} is true; such adapters cannot be expressed in GGUF");
            }

            if (config["rank_pattern"] is JsonObject { Count: > 0 }) throw Other("rank_pattern is given; adapters of one rank can be read");
            return ((int)config["r"]!, (double)config["lora_alpha"]!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentNullException)
        {
            throw Other("it is no configuration with r and lora_alpha");
        }

        UserInputException Other(string what) => new("FOLDER", $"FOLDER: {path}: {what}.");
    }
}
