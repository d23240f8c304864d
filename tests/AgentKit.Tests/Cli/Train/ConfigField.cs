using System.Text.Json.Nodes;
using AgentKit.Cli.Train;

namespace AgentKit.Tests.Cli.Train;

/// <summary>A field of a command's configuration, also one within <c>mix</c> or <c>rewards</c>.</summary>
internal sealed record ConfigField(string Command, string Name, JsonObject Schema, string? Parent = null)
{
    private const string Rewards = "rewards", Mix = "mix";

    public string Label => Parent is null ? Name : $"{Parent}.{Name}";

    /// <summary>The types its schema names.</summary>
    public string[] Types => Schema["type"] is JsonArray types ? [.. types.Select(type => (string)type!)] : [(string)Schema["type"]!];

    public bool IsNumber => Types.Any(type => type is "integer" or "number");

    public bool IsInteger => Types.Contains("integer");

    /// <summary>All fields of a command.</summary>
    public static IEnumerable<ConfigField> Of(string command)
    {
        JsonObject properties = JsonNode.Parse(ConfigSchema.Of(command).ToJsonString())!["properties"]!.AsObject();
        foreach ((string name, JsonNode? node) in properties)
        {
            JsonObject schema = node!.AsObject();
            yield return new(command, name, schema);
            foreach ((string inner, JsonNode? innerNode) in Holder(schema)?["properties"]?.AsObject() ?? [])
                yield return new(command, inner, innerNode!.AsObject(), name);
        }
    }

    /// <summary>The schema of the objects that a field holds, by itself or in a list.</summary>
    public static JsonObject? Holder(JsonObject schema) => schema.ContainsKey("properties") ? schema : schema["items"] as JsonObject;

    /// <summary>The least that a command asks for.</summary>
    public static JsonObject Required(string command)
    {
        JsonObject config = new() { ["data"] = "rows.jsonl", ["out"] = "run" };
        if (command == "distill") config["teacher"] = "nano";
        return config;
    }

    /// <summary>The least that a command asks for, and what this field needs beside it.</summary>
    public JsonObject Without()
    {
        JsonObject config = Required(Command);
        foreach ((string name, JsonNode? value) in Companions()) config[name] = value?.DeepClone();
        if (Parent == Mix) config[Mix] = new JsonArray(new JsonObject { ["data"] = "more.jsonl" });
        if (Parent is null) config.Remove(Name);
        return config;
    }

    /// <summary>A configuration with a value of this field and what that needs beside it.</summary>
    public JsonObject With(JsonNode? value)
    {
        JsonObject config = Without();
        JsonObject holder = Parent switch
        {
            null => config,
            Mix => config[Mix]![0]!.AsObject(),
            _ => (config[Parent] ??= new JsonObject()).AsObject(),
        };
        holder[Name] = value?.DeepClone();
        return config;
    }

    /// <summary>The default; where there is none, some value.</summary>
    public JsonNode? Usual() => Schema.TryGetPropertyValue("default", out JsonNode? value) ? value : IsModel ? "nano" : "usual";

    /// <summary>A value that is allowed and not the usual one.</summary>
    public JsonNode Another()
    {
        if (IsModel) return ConfigReader.Model;
        if (Name == Mix) return new JsonArray(new JsonObject { ["data"] = "more.jsonl" });
        if (Name == Rewards) return new JsonObject { ["exact"] = 2 };
        if (Schema["enum"] is JsonArray choices) return choices[^1]!.DeepClone();
        if (Schema["items"]?["enum"] is JsonArray items) return new JsonArray(items[0]!.DeepClone());
        if (Types.Contains("boolean")) return !(bool)Schema["default"]!;
        if (!IsNumber) return "another";
        double usual = Schema["default"] is { } given ? (double)given : 0;
        return new[] { 2 * usual, usual / 2, 3, 0.25, 512 }.First(value => value != usual && Fits(value));
    }

    private bool IsModel => Name is "model" or "teacher" or "judge_model";

    private bool Fits(double value) =>
        value >= Bound("minimum", double.MinValue) && value <= Bound("maximum", double.MaxValue) && value > Bound("exclusiveMinimum", double.MinValue)
        && value < Bound("exclusiveMaximum", double.MaxValue) && (!IsInteger || value % Bound("multipleOf", 1) == 0);

    private double Bound(string keyword, double none) => Schema[keyword] is { } bound ? (double)bound : none;

    private JsonObject Companions() => (Command, Label) switch
    {
        (_, "early_stop_metric") => new() { ["early_stop_patience"] = 1 },
        (_, "max_tool_steps") => new() { ["tools"] = new JsonArray("clock") },
        (_, "length_limit" or "length_stretch") => new() { [Rewards] = new JsonObject { ["length"] = 1 } },
        (_, "judge_model" or "judge_rubric" or "rewards.judge") =>
            new() { [Rewards] = new JsonObject { ["judge"] = 1 }, ["judge_model"] = "nano", ["judge_rubric"] = "Short?" },
        ("dpo", "gamma") => new() { ["objective"] = "simpo" },
        ("dpo", "lambda") => new() { ["objective"] = "orpo" },
        ("ppo", "minibatches") => new() { ["batch_size"] = int.MaxValue },
        _ => [],
    };
}
