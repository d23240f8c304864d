using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Functions;
using AgentKit.Kernel.Runs;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval.Tasks;

public class CallMatcherTests
{
    /// <summary>Stands for a null that is a right value: a null node stands for a parameter that is left out.</summary>
    private const string Null = "\0";

    private static readonly Lazy<EvalSample[]> Published = new(() =>
        [.. TaskCatalog.Find("bfcl").Load(TaskData.Directory(EvalData.PathOf(".")!))
            .Where(sample => sample.References[0].StartsWith('['))]);

    [EvalDataFact("bfcl/BFCL_v4_simple_python.json")]
    public void Mismatch_EveryPossibleAnswer_IsAccepted()
    {
        int values = 0;
        List<string> refused = [];
        foreach (EvalSample sample in Published.Value)
        {
            JsonArray right = Right(sample);
            refused.AddRange(Wrong(sample, right) is { } all ? [$"{sample.Id}: {all}"] : Array.Empty<string>());
            foreach ((int call, string parameter, JsonNode? value) in Alternatives(sample))
            {
                values++;
                JsonArray other = (JsonArray)right.DeepClone();
                SetOrRemove(other[call]!, parameter, value);
                if (Wrong(sample, other) is { } reason) refused.Add($"{sample.Id}: {reason}");
            }
        }

        Assert.Empty(refused.Take(10));
        Assert.Equal(2501, Published.Value.Length);
        Assert.True(values > 9_000, $"{values} values");
    }

    [EvalDataFact("bfcl/BFCL_v4_simple_python.json")]
    public void Mismatch_EverySingleMutation_IsRefused()
    {
        int mutations = 0;
        List<string> accepted = [];
        foreach (EvalSample sample in Published.Value)
        {
            foreach ((string what, JsonArray calls) in Mutations(sample))
            {
                mutations++;
                if (Wrong(sample, calls) is null) accepted.Add($"{sample.Id}: {what}: {calls.ToJsonString()}");
            }
        }

        Assert.Empty(accepted.Take(10));
        Assert.True(mutations > 10_000, $"{mutations} mutations");
    }

    [Theory]
    [InlineData("""weather.get(city="oslo")""", true)]
    [InlineData("""[weather_get(city='O-slo', days=1)]""", true)]
    [InlineData("""[{"name": "weather.get", "arguments": {"city": "Oslo"}}]""", true)]
    [InlineData("""weather.get(city="Bergen")""", false)]
    [InlineData("""weather.get(city="Oslo", days=1.0)""", false)]
    [InlineData("""weather.get(city="Oslo", days=True)""", false)]
    [InlineData("""weather.get(town="Oslo")""", false)]
    [InlineData("""weather.get(days=1)""", false)]
    [InlineData("""weather.get(city="Oslo"); weather.get(city="Oslo")""", false)]
    [InlineData("It is sunny in Oslo.", false)]
    public async Task Grade_CallsWrittenAsText_AreRead(string text, bool right)
    {
        EvalTask task = TaskCatalog.Find("bfcl");
        EvalSample sample = task.Load(TaskData.Samples).Single(sample => sample.Id == "simple_python_0");
        var subject = new ScriptedSubject { Reply = _ => new(text), IsChat = true };
        SampleGrade grade = await task.GradeAsync(sample, await task.AnswerAsync(sample, task.Render(sample, [], true), subject));
        Assert.Equal(right ? 1 : 0, grade.Metrics["acc"]);
    }

    [Fact]
    public async Task Grade_NoFunctionFits_OnlySilenceIsRight()
    {
        EvalTask task = TaskCatalog.Find("bfcl");
        EvalSample sample = task.Load(TaskData.Samples).Single(sample => sample.Id == "irrelevance_0");
        Assert.Equal(1, (await task.GradeAsync(sample, new() { Texts = ["The sea is wide."] })).Metrics["acc"]);
        ToolCall call = new("1", "area", JsonSerializer.Deserialize<JsonElement>("{}"));
        Assert.Equal(0, (await task.GradeAsync(sample, new() { Calls = [call] })).Metrics["acc"]);
    }

    private static string? Wrong(EvalSample sample, JsonArray calls) => FunctionTask.Mismatch(
        sample, [.. calls.Select(
            (call, i) => new ToolCall($"{i}", call!["name"]!.GetValue<string>(), JsonSerializer.SerializeToElement(call["arguments"])))]);

    /// <summary>The first right value of every parameter.</summary>
    private static JsonArray Right(EvalSample sample)
    {
        JsonArray calls = [];
        foreach (JsonNode? expected in JsonNode.Parse(sample.References[0])!.AsArray())
        {
            (string name, JsonNode? parameters) = expected!.AsObject().Single();
            var arguments = new JsonObject();
            foreach ((string parameter, JsonNode? allowed) in parameters!.AsObject())
                SetOrRemove(arguments, parameter, Options(allowed!).First(), direct: true);
            calls.Add(new JsonObject { ["name"] = name.Replace('.', '_'), ["arguments"] = arguments });
        }

        return calls;
    }

    private static IEnumerable<(int Call, string Parameter, JsonNode? Value)> Alternatives(EvalSample sample)
    {
        JsonArray expected = JsonNode.Parse(sample.References[0])!.AsArray();
        // Where several calls are expected, a value that fits two of them could be matched crosswise.
        for (int i = 0; i < expected.Count && expected.Count == 1; i++)
        {
            foreach ((string parameter, JsonNode? allowed) in expected[i]!.AsObject().Single().Value!.AsObject())
            {
                // A required parameter stays, whatever its key says.
                foreach (JsonNode? value in Options(allowed!).Where(value => value is not null || allowed!.AsArray().Count == 0 || !IsRequired(sample, expected[i]!, parameter))) yield return (i, parameter, value);
            }
        }
    }

    private static IEnumerable<(string What, JsonArray Calls)> Mutations(EvalSample sample)
    {
        JsonArray right = Right(sample);
        yield return ("a call less", new JsonArray([.. right.Skip(1).Select(call => call!.DeepClone())]));
        yield return ("a call more", new JsonArray([.. right.Append(right[0]).Select(call => call!.DeepClone())]));
        for (int i = 0; i < right.Count; i++)
        {
            JsonArray renamed = (JsonArray)right.DeepClone();
            renamed[i]!["name"] = renamed[i]!["name"]!.GetValue<string>() + "_x";
            yield return ("another name", renamed);
            JsonArray unknown = (JsonArray)right.DeepClone();
            unknown[i]!["arguments"]!["no_such_parameter"] = 1;
            yield return ("an unknown parameter", unknown);
            JsonObject allowed = JsonNode.Parse(sample.References[0])![i]!.AsObject().Single().Value!.AsObject();
            foreach ((string parameter, JsonNode? value) in right[i]!["arguments"]!.AsObject())
            {
                JsonArray changed = (JsonArray)right.DeepClone();
                changed[i]!["arguments"]![parameter] = Another(value);
                yield return ($"another {parameter}", changed);
                if (allowed[parameter]!.AsArray()
                    .Any(option => option is JsonValue text && text.TryGetValue(out string? empty) && empty.Length == 0)
                    && !IsRequired(sample, JsonNode.Parse(sample.References[0])![i]!, parameter)) continue;
                JsonArray without = (JsonArray)right.DeepClone();
                without[i]!["arguments"]!.AsObject().Remove(parameter);
                yield return ($"without {parameter}", without);
            }
        }
    }

    /// <summary>A value that no list of right ones holds.</summary>
    private static JsonNode Another(JsonNode? value) => value switch
    {
        JsonArray array => new JsonArray([.. array.Select(item => item?.DeepClone()), "no such item"]),
        JsonObject => new JsonObject { ["no_such_key"] = 1 },
        JsonValue one when one.GetValueKind() == JsonValueKind.Number => 987654321.5,
        _ => "no such value",
    };

    private static bool IsNull(JsonNode value) => value is JsonValue text && text.TryGetValue(out string? mark) && mark == Null;

    /// <summary>All right values of a parameter; null: it may be left out.</summary>
    private static IEnumerable<JsonNode?> Options(JsonNode allowed) => allowed.AsArray()
        // An empty text beside others means that the parameter may be left out; alone it is the value.
        .Select(option => option is null ? JsonValue.Create(Null) : allowed.AsArray().Count > 1 && option is JsonValue text
            && text.TryGetValue(out string? empty) && empty.Length == 0 ? null : Plain(option))
        .DefaultIfEmpty(null)
        .OrderBy(option => option is null);

    private static bool IsRequired(EvalSample sample, JsonNode expected, string parameter) => FunctionTask.Functions(sample)
        .Single(function => function.GetProperty("name").GetString() == expected.AsObject().Single().Key)
        .GetProperty("parameters").Texts("required").Contains(parameter);

    /// <summary>In objects every key has its own list of right values; the first one will do.</summary>
    private static JsonNode? Plain(JsonNode? option)
    {
        if (option is JsonArray array) return new JsonArray([.. array.Select(Plain)]);
        if (option is not JsonObject members) return option?.DeepClone();
        var plain = new JsonObject();
        foreach ((string key, JsonNode? allowed) in members)
        {
            JsonNode? value = allowed is JsonArray ? Options(allowed).First() : Plain(allowed);
            if (value is not null) plain[key] = IsNull(value) ? null : value;
        }

        return plain;
    }

    private static void SetOrRemove(JsonNode target, string parameter, JsonNode? value, bool direct = false)
    {
        JsonObject arguments = direct ? target.AsObject() : target["arguments"]!.AsObject();
        if (value is null) arguments.Remove(parameter);
        else arguments[parameter] = IsNull(value) ? null : value.DeepClone();
    }
}
