using System.Text.Json.Nodes;

namespace AgentKit.Cli.Train;

/// <summary>
/// JSON Schemas (draft 2020-12) of the training commands' configurations. Each is put together from what it shares with others and what is its own, in <c>Schemas/*.json</c>;
/// tests hold them to what the readers of the configurations take and refuse.
/// </summary>
internal static class ConfigSchema
{
    private static readonly string[] Adapter = ["settings", "adapter"];

    private static readonly Dictionary<string, string[]> Parts = new()
    {
        ["sft"] = [.. Adapter, "mix", "sft"],
        ["dpo"] = [.. Adapter, "mix", "dpo"],
        ["kto"] = [.. Adapter, "mix", "kto"],
        ["reward"] = [.. Adapter, "mix"],
        ["distill"] = [.. Adapter, "mix", "distill"],
        ["grpo"] = [.. Adapter, "rollout", "grpo"],
        ["ppo"] = [.. Adapter, "rollout", "ppo"],
        ["pretrain"] = ["settings", "pretrain"],
    };

    /// <summary>The commands that have one.</summary>
    public static IReadOnlyCollection<string> Names => Parts.Keys;

    /// <summary>The schema of a command's configuration, which refers to no other document.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static JsonObject Of(string name)
    {
        JsonObject schema = new() { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = $"Configuration of agentkit train {name}" };
        foreach (string part in Parts[name]) Merge(schema, Read(part));
        schema["additionalProperties"] = false;
        LimitIntegers(schema);
        return schema;
    }

    private static JsonObject Read(string part)
    {
        using Stream stream = typeof(ConfigSchema).Assembly.GetManifestResourceStream($"AgentKit.Cli.Train.Schemas.{part}.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    /// <summary>Adds objects' fields and lists' items; any other value takes the place of what was there.</summary>
    private static void Merge(JsonObject into, JsonObject added)
    {
        foreach ((string name, JsonNode? value) in added)
        {
            switch (into[name], value)
            {
                case (JsonObject known, JsonObject more):
                    Merge(known, more);
                    break;
                case (JsonArray known, JsonArray more):
                    foreach (JsonNode? item in more) known.Add(item?.DeepClone());
                    break;
                default:
                    into[name] = value?.DeepClone();
                    break;
            }
        }
    }

    /// <summary>Whole numbers have 32 bits where nothing else is said.</summary>
    private static void LimitIntegers(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) LimitIntegers(item);
        }

        if (node is not JsonObject schema) return;
        if (IsInteger(schema["type"]) && !schema.ContainsKey("maximum")) schema["maximum"] = int.MaxValue;
        foreach ((_, JsonNode? value) in schema.ToArray()) LimitIntegers(value);
    }

    private static bool IsInteger(JsonNode? type) => type switch
    {
        JsonArray several => several.Any(IsInteger),
        JsonValue one => one.TryGetValue(out string? name) && name == "integer",
        _ => false,
    };
}
