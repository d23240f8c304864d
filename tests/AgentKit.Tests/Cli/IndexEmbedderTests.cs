using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Index;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Cli;

/// <summary>Vectors that a model has made are not lost by a command that does not name the model.</summary>
public sealed class IndexEmbedderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Add_WithoutTheModelOfTheVectors_IsRefusedAndKeepsThem()
    {
        await MakeIndexAsync("minilm/0123456789abcdef");
        CliRun run = await RunAsync("add", _folder["docs"]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("were made by 'minilm/0123456789abcdef', and no model at hand is it", run.Error, StringComparison.Ordinal);
        Assert.Equal(("minilm/0123456789abcdef", 1), await StatusAsync());

        Assert.Equal(ExitCode.Done, (await RunAsync("add", _folder["docs"], "--embedder", "lexical")).ExitCode);
        Assert.Equal(("lexical-1", 2), await StatusAsync());
        Assert.Equal(ExitCode.Done, (await RunAsync("add", _folder["docs"], "--embedder", "none")).ExitCode);
        Assert.Equal(("none", 0), await StatusAsync());
    }

    [Theory]
    [InlineData("search", "walrus")]
    [InlineData("publish", "--store", "memory")]
    public async Task Read_WithoutTheModelOfTheVectors_IsRefused(params string[] args)
    {
        await MakeIndexAsync("minilm/0123456789abcdef");
        CliRun run = await RunAsync(args);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("no model at hand is it", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await RunAsync("search", "walrus", "--mode", "keyword")).ExitCode);
    }

    [Fact]
    public void Identity_TellsModelsOfOneSizeApart()
    {
        string first = TestModel.Create(_folder.Write("1/m.gguf", ""), seed: 1);
        string second = TestModel.Create(_folder.Write("2/m.gguf", ""), seed: 2);
        string renamed = _folder.Write("3/other.gguf", File.ReadAllBytes(first));
        Assert.Equal(new FileInfo(first).Length, new FileInfo(second).Length);
        Assert.StartsWith("m/", ModelIdentity.Of(first), StringComparison.Ordinal);
        Assert.NotEqual(ModelIdentity.Of(first), ModelIdentity.Of(second));
        Assert.True(ModelIdentity.Is(renamed, ModelIdentity.Of(first)));
        Assert.False(ModelIdentity.Is(second, ModelIdentity.Of(first)));
        Assert.True(ModelIdentity.Is(first, $"m/{new FileInfo(first).Length}"));
    }

    private async Task MakeIndexAsync(string embedder)
    {
        _folder.Write("docs/a.txt", "A walrus.");
        using KnowledgeBase knowledge = KnowledgeBase.Open(
            _folder["home/knowledge/default.db"], new KnowledgeOptions { Embedder = new ScriptedEmbedder(text => [text.Length, 1]), EmbedderName = embedder });
        await knowledge.IngestAsync(KnowledgeName.Scope, [new SourceText("b", "A walrus and a hare.")]);
    }

    private async Task<(string?, int)> StatusAsync()
    {
        JsonElement status = JsonElement.Parse((await RunAsync("status", "--json")).Out).GetProperty("indexes")[0];
        return (status.GetProperty("embedder").GetString(), status.GetProperty("vectors").GetInt32());
    }

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync(["index", .. args, "--data", _folder["home"]]);
}
