using System.Text.Json;
using AgentKit.SlowTests.Cli;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.SlowTests.Memory;

/// <summary>An index with a model's vectors, through the command line. The model is generated; the test is about whose vectors they are.</summary>
public sealed class ModelVectorsTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Index_WithAModelsVectors_FindsTheModelAgainAndRefusesAnother()
    {
        string docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "docs")).FullName;
        string model = Path.Combine(Directory.CreateDirectory(Path.Combine(_cli.Home, "models")).FullName, "emb.gguf");
        TestModel.Create(model, seed: 1);
        await File.WriteAllTextAsync(Path.Combine(docs, "a.md"), "# A\n\nThe walrus has tusks.\n");
        await DoneAsync("index", "add", docs, "-m", "emb", "--embedder", "model");
        await File.WriteAllTextAsync(Path.Combine(docs, "b.md"), "# B\n\nThe hare has ears.\n");
        await DoneAsync("index", "add", docs);
        JsonElement status = (await DoneAsync("index", "status")).GetProperty("indexes")[0];
        Assert.StartsWith("emb/", status.GetProperty("embedder").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, status.GetProperty("vectors").GetInt32());
        Assert.Equal(2, (await DoneAsync("index", "search", "walrus", "--mode", "dense")).GetProperty("hits").GetArrayLength());
        await DoneAsync("index", "publish", "--store", Path.Combine(_cli.Home, "store.db"));

        TestModel.Create(model, seed: 2);
        foreach (string[] args in (string[][])[["add", docs], ["search", "walrus"], ["search", "walrus", "-m", "emb"], ["publish", "--store", "memory"]])
        {
            (int exitCode, _, string error) = await _cli.RunAsync(null, ["index", .. args]);
            Assert.True(exitCode == 2, error);
            Assert.Contains("no model at hand is it", error, StringComparison.Ordinal);
        }

        status = (await DoneAsync("index", "status")).GetProperty("indexes")[0];
        Assert.Equal(2, status.GetProperty("vectors").GetInt32());
    }

    private async Task<JsonElement> DoneAsync(params string[] args)
    {
        (int exitCode, JsonElement document, string error) = await _cli.RunJsonAsync(args);
        Assert.True(exitCode == 0, error);
        return document;
    }
}
