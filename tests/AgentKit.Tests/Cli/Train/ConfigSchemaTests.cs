using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Cli.Train;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Cli.Train;

/// <summary>What the schemas say of configurations is what their readers do.</summary>
public sealed class ConfigSchemaTests : IClassFixture<ConfigReader>
{
    private const string Stranger = "no_such_thing";
    private const double Huge = 1e12, Tiny = 1e-9;

    private static readonly Dictionary<string, JsonSchemaValidator> Validators = ConfigReader.Commands.ToDictionary(
        command => command, command => new JsonSchemaValidator(JsonSerializer.SerializeToElement(ConfigSchema.Of(command))));

    private readonly ConfigReader _reader;

    public ConfigSchemaTests(ConfigReader reader) => _reader = reader;

    public static TheoryData<string> Commands => [.. ConfigReader.Commands];

    [Fact]
    public void Names_AreTheCommandsWithAReader() => Assert.Equal(ConfigReader.Commands.Order(), ConfigSchema.Names.Order());

    [Theory]
    [MemberData(nameof(Commands))]
    public void Of_EachCommand_SaysWhatEveryFieldIs(string command)
    {
        // These two are for editors, which else mark comments in files named .json.
        Assert.Equal(["allowComments", "allowTrailingCommas"], Validators[command].Warnings.Select(warning => warning.Keyword));
        JsonObject schema = ConfigSchema.Of(command);
        string[] required = [.. schema["required"]!.AsArray().Select(name => (string)name!)];
        foreach (ConfigField field in ConfigField.Of(command))
        {
            Assert.True(field.Types.Length > 0, field.Label);
            Assert.Matches(@"^\S[^\n]+\.$", (string?)field.Schema["description"] ?? "");
            bool isNeeded = field.Parent switch
            {
                null => required.Contains(field.Name) || field.Name is "$schema" or "judge_model" or "judge_rubric",
                "rewards" => true,
                _ => field.Name == "data",
            };
            Assert.True(isNeeded != field.Schema.ContainsKey("default"), $"{command}: {field.Label} has {(isNeeded ? "a" : "no")} default.");
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Fields_OfEachCommand_AreThoseOfTheReader(string command)
    {
        JsonObject schema = ConfigSchema.Of(command);
        AssertFields(command, "", schema, new() { [Stranger] = 1 });
        if (schema["properties"]!["mix"] is JsonObject mix)
            AssertFields(command, "mix[0].", mix["items"]!.AsObject(), new() { ["mix"] = new JsonArray(new JsonObject { [Stranger] = 1 }) });
        if (schema["properties"]!["rewards"] is JsonObject rewards)
            AssertFields(command, "rewards.", rewards, new() { ["rewards"] = new JsonObject { [Stranger] = 1 } });
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Required_OfEachCommand_IsWhatTheReaderCannotDoWithout(string command)
    {
        JsonObject least = ConfigField.Required(command);
        AssertBoth(true, command, least, "the required fields");
        Assert.Equal(least.Select(field => field.Key).Order(), ConfigSchema.Of(command)["required"]!.AsArray().Select(name => (string)name!).Order());
        foreach ((string name, _) in least)
        {
            JsonObject less = least.DeepClone().AsObject();
            less.Remove(name);
            AssertBoth(false, command, less, $"no {name}");
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Defaults_OfEachCommand_AreWhatTheReaderTakesWithoutThem(string command)
    {
        foreach (ConfigField field in ConfigField.Of(command).Where(field => field.Schema.ContainsKey("default")))
        {
            JsonNode? usual = field.Schema["default"];
            AssertBoth(true, command, field.With(usual), field.Label);
            bool isSame = _reader.Read(command, field.Without()) == _reader.Read(command, field.With(usual));
            Assert.True(isSame, $"{command}: {field.Label} is not {usual?.ToJsonString() ?? "null"} by default.");
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Fields_WithAnotherValue_ChangeTheRun(string command)
    {
        foreach (ConfigField field in ConfigField.Of(command).Where(field => field.Name != "$schema" && field.Parent != "rewards"))
        {
            JsonObject changed = field.With(field.Another());
            AssertBoth(true, command, changed, field.Label);
            bool isSame = _reader.Read(command, field.With(field.Usual())) == _reader.Read(command, changed);
            Assert.False(isSame, $"{command}: {field.Label} = {field.Another().ToJsonString()} changes nothing.");
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Choices_OfEachCommand_AreThoseOfTheReader(string command)
    {
        foreach (ConfigField field in ConfigField.Of(command))
        {
            bool isList = field.Schema["items"]?["enum"] is not null;
            if ((isList ? field.Schema["items"]!["enum"] : field.Schema["enum"]) is not JsonArray choices) continue;
            string refusal = _reader.Refusal(command, field.With(isList ? new JsonArray(Stranger) : Stranger))!;
            Assert.Contains($"one of {string.Join(", ", choices.Select(choice => (string)choice!))} is expected", refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Bounds_OfEachCommand_AreThoseOfTheReader(string command)
    {
        foreach (ConfigField field in ConfigField.Of(command).Where(field => field.IsNumber))
        {
            foreach ((double value, bool isAllowed) in AtBounds(field)) AssertBoth(isAllowed, command, field.With(value), $"{field.Label} = {value}");
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Kinds_OfEachCommand_AreThoseOfTheReader(string command)
    {
        JsonArray values = JsonNode.Parse("""[true, 7, 0.5, "other.gguf", "", [], ["other.gguf"], [""], [null], [{}], {}]""")!.AsArray();
        foreach (ConfigField field in ConfigField.Of(command))
        {
            foreach (JsonNode? value in values)
            {
                JsonObject config = field.With(value);
                AssertBoth(FitsSchema(command, config), command, config, $"{field.Label} = {value!.ToJsonString()}");
            }

            // Readers also take null for a field that is not given; editors need not offer that.
            if (FitsSchema(command, field.With(null))) AssertBoth(true, command, field.With(null), $"{field.Label} = null");
        }
    }

    [Theory]
    [InlineData("sft", """{ "$schema": "schema/sft.schema.json" }""", true)]
    [InlineData("sft", """{ "$schema": 7 }""", false)]
    [InlineData("sft", """{ "mix": [{ "data": "more.jsonl", "$schema": "schema/sft.schema.json" }] }""", false)]
    [InlineData("sft", """{ "early_stop_metric": "accuracy" }""", false)]
    [InlineData("sft", """{ "adapter": "first.gguf" }""", true)]
    [InlineData("sft", """{ "adapter": null, "rank": 8, "targets": ["q"] }""", true)]
    [InlineData("sft", """{ "adapter": "first.gguf", "rank": 8 }""", false)]
    [InlineData("sft", """{ "adapter": "first.gguf", "alpha": 8 }""", false)]
    [InlineData("sft", """{ "adapter": "first.gguf", "targets": ["q"] }""", false)]
    [InlineData("dpo", """{ "objective": "dpo", "beta": 1, "variant": "hinge", "label_smoothing": 0 }""", true)]
    [InlineData("dpo", """{ "variant": "ipo", "label_smoothing": 0.1 }""", false)]
    [InlineData("dpo", """{ "gamma": 1 }""", false)]
    [InlineData("dpo", """{ "objective": "dpo", "lambda": 1 }""", false)]
    [InlineData("dpo", """{ "objective": "simpo", "beta": 1, "gamma": 0 }""", true)]
    [InlineData("dpo", """{ "objective": "simpo", "variant": "sigmoid" }""", false)]
    [InlineData("dpo", """{ "objective": "simpo", "label_smoothing": 0 }""", false)]
    [InlineData("dpo", """{ "objective": "simpo", "lambda": 0 }""", false)]
    [InlineData("dpo", """{ "objective": "orpo", "lambda": 0 }""", true)]
    [InlineData("dpo", """{ "objective": "orpo", "beta": 1 }""", false)]
    [InlineData("dpo", """{ "objective": "orpo", "gamma": 1 }""", false)]
    [InlineData("dpo", """{ "objective": "orpo", "variant": "ipo" }""", false)]
    [InlineData("dpo", """{ "objective": "orpo", "label_smoothing": 0 }""", false)]
    [InlineData("grpo", """{ "objective": "rloo", "kl_beta": 0 }""", true)]
    [InlineData("grpo", """{ "objective": "rloo", "clip_low": 0 }""", false)]
    [InlineData("grpo", """{ "objective": "rloo", "clip_high": 0 }""", false)]
    [InlineData("grpo", """{ "objective": "rloo", "scale_rewards": true }""", false)]
    [InlineData("grpo", """{ "max_tool_steps": 2 }""", false)]
    [InlineData("grpo", """{ "tools": ["clock", "clock"], "max_tool_steps": 2 }""", true)]
    [InlineData("grpo", """{ "mix": [{ "data": "more.jsonl" }] }""", false)]
    [InlineData("grpo", """{ "rewards": { "judge": 1 }, "judge_model": "nano" }""", false)]
    [InlineData("ppo", """{ "rewards": { "judge": 1 }, "judge_rubric": "Short?" }""", false)]
    [InlineData("ppo", """{ "rewards": { "judge": 1 }, "judge_rubric": "Short?", "judge_model": "other.gguf" }""", true)]
    [InlineData("ppo", """{ "value_clip": null }""", true)]
    [InlineData("ppo", """{ "objective": "dapo" }""", false)]
    [InlineData("distill", """{ "data_kind": "chat", "long_rows": "cut", "skip_bad_rows": true }""", true)]
    [InlineData("distill", """{ "data_kind": "text", "long_rows": "cut" }""", false)]
    [InlineData("distill", """{ "data_kind": "text", "skip_bad_rows": true }""", false)]
    [InlineData("pretrain", """{ "data": ["rows.jsonl", "more.jsonl"], "tokenizer": "other.gguf" }""", true)]
    [InlineData("pretrain", """{ "tokenizer": null, "vocabulary": 300 }""", true)]
    [InlineData("pretrain", """{ "tokenizer": "other.gguf", "vocabulary": 300 }""", false)]
    [InlineData("pretrain", """{ "model": "nano" }""", false)]
    public void Rules_AmongFields_AreThoseOfTheReader(string command, string fields, bool isAllowed)
    {
        JsonObject config = ConfigField.Required(command);
        foreach ((string name, JsonNode? value) in JsonNode.Parse(fields)!.AsObject()) config[name] = value?.DeepClone();
        AssertBoth(isAllowed, command, config, fields);
    }

    [Fact]
    public void Rewards_InTheSchema_AreThoseThereAre()
    {
        JsonObject weights = new(ConfigField.Of("grpo").Where(field => field.Parent == "rewards").Select(field => KeyValuePair.Create<string, JsonNode?>(field.Name, 1)));
        JsonObject config = ConfigField.Required("grpo");
        (config["rewards"], config["judge_model"], config["judge_rubric"]) = (weights.DeepClone(), "nano", "Short?");
        var options = (RolloutRunOptions)_reader.Options("grpo", config);
        UserInputException refusal = Assert.Throws<UserInputException>(() => new RewardSet(new Dictionary<string, double> { [Stranger] = 1 }, options.MoreRewards));
        Assert.StartsWith($"rewards.{Stranger} is no known reward; known here: ", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(weights.Select(weight => weight.Key).Order(StringComparer.Ordinal), Known(refusal.Message));
    }

    private static IOrderedEnumerable<string> Known(string refusal) =>
        refusal[(refusal.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].TrimEnd('.').Split(", ").Order(StringComparer.Ordinal);

    private static IEnumerable<(double Value, bool IsAllowed)> AtBounds(ConfigField field)
    {
        double? Bound(string keyword) => (double?)field.Schema[keyword];
        double step = field.IsInteger ? Bound("multipleOf") ?? 1 : Tiny;
        if (Bound("minimum") is { } least) yield return (least, true);
        if (Bound("minimum") - step is { } below) yield return (below, false);
        if (Bound("exclusiveMinimum") is { } floor) yield return (floor, false);
        if (Bound("exclusiveMinimum") + step is { } aboveFloor) yield return (aboveFloor, true);
        if ((Bound("minimum") ?? Bound("exclusiveMinimum")) is null) yield return (-Huge, true);
        if (Bound("maximum") is { } most) yield return (most, true);
        if (Bound("maximum") + step is { } above) yield return (above, false);
        if (Bound("exclusiveMaximum") is { } ceiling) yield return (ceiling, false);
        if (Bound("exclusiveMaximum") - step is { } belowCeiling) yield return (belowCeiling, true);
        if ((Bound("maximum") ?? Bound("exclusiveMaximum")) is null) yield return (Huge, true);
        if (field.IsInteger) yield return ((Bound("minimum") ?? 0) + 0.5, false);
        if (Bound("multipleOf") is not null) yield return (Bound("minimum")!.Value + 1, false);
    }

    private void AssertFields(string command, string place, JsonObject schema, JsonObject strange)
    {
        JsonObject config = ConfigField.Required(command);
        foreach ((string name, JsonNode? value) in strange) config[name] = value?.DeepClone();
        string refusal = _reader.Refusal(command, config) ?? "";
        Assert.Contains($"{place}{Stranger} is not a known field; known here: ", refusal, StringComparison.Ordinal);
        Assert.Equal(Known(refusal), schema["properties"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.False(FitsSchema(command, config));
    }

    private void AssertBoth(bool isAllowed, string command, JsonObject config, string what)
    {
        string? refusal = _reader.Refusal(command, config);
        Assert.True(isAllowed == refusal is null, $"{command}: {what}: the reader says {refusal ?? "yes"}");
        string[] errors = [.. Validators[command].Validate(JsonSerializer.SerializeToElement(config)).Select(error => error.ToString())];
        Assert.True(isAllowed == (errors.Length == 0), $"{command}: {what}: the schema says {string.Join(", ", errors)}");
    }

    private static bool FitsSchema(string command, JsonObject config) => Validators[command].IsValid(JsonSerializer.SerializeToElement(config));
}
