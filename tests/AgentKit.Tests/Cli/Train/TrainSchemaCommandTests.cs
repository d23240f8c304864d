using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentKit.Cli.App;
using AgentKit.Cli.Train;
using AgentKit.Models.Constraints;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli.Train;

/// <summary>The printed schemas, their copies in <c>samples/training</c> and the samples that name them.</summary>
public sealed class TrainSchemaCommandTests : IDisposable
{
    private static readonly JsonDocumentOptions Commented = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly ScratchFolder _folder = new();

    public static TheoryData<string> Commands => [.. ConfigSchema.Names];

    public static TheoryData<string> Samples => [.. Repository.Files("samples/training", "*.json").Where(file => !file.Contains("/schema/", StringComparison.Ordinal))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Schema_OfEachCommand_IsTheCommittedCopy(string command)
    {
        string file = $"samples/training/schema/{command}.schema.json";
        Assert.True(File.Exists(Repository.PathOf(file)), $"There is no {file}; write it with: agentkit train schema {command} --out {file}");
        CliRun run = await CliRun.OfAsync("train", "schema", command);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.True(run.Out.ReplaceLineEndings("\n") == Repository.Read(file), $"{file} is old; renew it with: agentkit train schema {command} --out {file} --force");
    }

    [Fact]
    public void Copies_InSamples_AreThoseOfTheCommands() => Assert.Equal(
        ConfigSchema.Names.Select(name => $"samples/training/schema/{name}.schema.json").Order(StringComparer.Ordinal), Repository.Files("samples/training/schema"));

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_OfAConfiguration_NamesItsSchemaFirstAndFitsIt(string file)
    {
        string text = Repository.Read(file);
        string command = Regex.Match(text, $"agentkit train (\\w+) --config {Regex.Escape(file)}").Groups[1].Value;
        using JsonDocument sample = JsonDocument.Parse(text, Commented);
        JsonProperty first = sample.RootElement.EnumerateObject().First();
        Assert.Equal(("$schema", $"schema/{command}.schema.json"), (first.Name, first.Value.GetString()));
        using JsonDocument schema = JsonDocument.Parse(Repository.Read("samples", "training", first.Value.GetString()!));
        Assert.Empty(new JsonSchemaValidator(schema.RootElement).Validate(sample.RootElement));
    }

    [Fact]
    public async Task Out_OfAFile_IsWrittenAndNamed()
    {
        string file = _folder["kto.schema.json"];
        CliRun run = await CliRun.OfAsync("train", "schema", "kto", "--out", file, "--json");
        Assert.Equal((ExitCode.Done, file), (run.ExitCode, (string?)JsonNode.Parse(run.Out)!["out"]));
        Assert.Equal(Repository.Read("samples", "training", "schema", "kto.schema.json"), await File.ReadAllTextAsync(file));
        Assert.Equal("{"u8[0], (await File.ReadAllBytesAsync(file))[0]);
    }

    [Fact]
    public async Task Out_OfAFileThatIsThere_IsReplacedOnlyByForce()
    {
        string file = _folder.Write("kto.schema.json", "mine");
        CliRun refused = await CliRun.OfAsync("train", "schema", "kto", "--out", file);
        Assert.Equal((ExitCode.WrongInput, "mine"), (refused.ExitCode, await File.ReadAllTextAsync(file)));
        Assert.Contains("exists already; --force replaces it", refused.Error, StringComparison.Ordinal);
        CliRun forced = await CliRun.OfAsync("train", "schema", "kto", "--out", file, "--force");
        Assert.Equal(ExitCode.Done, forced.ExitCode);
        Assert.StartsWith("{", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Out_InAFolderThatIsNotThere_IsRefused()
    {
        CliRun run = await CliRun.OfAsync("train", "schema", "kto", "--out", _folder[Path.Combine("none", "kto.json")]);
        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("error: --out: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_OfNoCommand_IsRefusedWithThoseThereAre()
    {
        CliRun run = await CliRun.OfAsync("train", "schema", "rlhf");
        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Out));
        foreach (string name in ConfigSchema.Names) Assert.Contains(name, run.Error, StringComparison.Ordinal);
    }
}
