using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Testing;

namespace AgentKit.Tests.Training.Objectives;

/// <summary>
/// The command line against losses and gradients that Golden/objectives.py computed from the published equations with 50 digits.
/// </summary>
public sealed class ObjectiveGoldenTests : IDisposable
{
    private const double Tolerance = 1e-12;

    private static readonly JsonArray Cases = JsonNode.Parse(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Training", "Golden", "objectives.json")))!.AsArray();

    private readonly ScratchFolder _folder = new();

    public static TheoryData<int, string> All
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (int i = 0; i < Cases.Count; i++) data.Add(i, Cases[i]!["name"]!.GetValue<string>());
            return data;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public async Task Objective_PublishedEquation_GivesLossAndGradient(int index, string name)
    {
        JsonNode expected = Cases[index]!;
        string input = _folder.Write("input.json", expected["input"]!.ToJsonString());
        CliRun run = await CliRun.OfAsync("train", "objective", "--name", name, "--input", input, "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        JsonObject result = JsonNode.Parse(run.Out)!.AsObject();
        Assert.Equal(["loss", "gradient"], result.Select(field => field.Key));
        AssertClose(expected["loss"], result["loss"], "loss");
        AssertClose(expected["gradient"], result["gradient"], "gradient");
    }

    private static void AssertClose(JsonNode? expected, JsonNode? found, string path)
    {
        switch (expected)
        {
            case JsonArray array:
                Assert.Equal(array.Count, found!.AsArray().Count);
                for (int i = 0; i < array.Count; i++) AssertClose(array[i], found[i], $"{path}[{i}]");
                break;
            case JsonObject fields:
                Assert.Equal(fields.Select(field => field.Key), found!.AsObject().Select(field => field.Key));
                foreach ((string key, JsonNode? value) in fields) AssertClose(value, found[key], $"{path}.{key}");
                break;
            default:
                double left = expected!.GetValue<double>(), right = found!.GetValue<double>();
                Assert.True(Math.Abs(left - right) <= Tolerance * Math.Max(1, Math.Abs(left)), $"{path}: expected {left:R}, found {right:R}");
                break;
        }
    }
}
