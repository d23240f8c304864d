using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

public sealed class AdapterTests : IAsyncLifetime
{
    private static readonly TestModelShape Shape = new() { ContextLength = 1024, Type = GgmlType.F32 };

    private readonly ScratchFolder _folder = new();
    private LocalModel _model = null!;

    public async Task InitializeAsync()
    {
        if (ShippedModel.SkipReason is null)
        {
            _model = LocalModel.Open(TestModel.Create(_folder["model.gguf"], Shape), new() { ContextLength = 512, Threads = 1 });
            foreach (int seed in (int[])[1, 2])
            {
                await _model.LoadAdapterAsync(TestAdapter.Create(_folder[$"adapter{seed}.gguf"], Shape, seed));
            }
        }
    }

    public async Task DisposeAsync()
    {
        if (_model is not null)
        {
            await _model.DisposeAsync();
        }

        _folder.Dispose();
    }

    [NativeFact]
    public async Task GetResponse_DifferentAdaptersAtOnce_EachIsWhatItIsAlone()
    {
        IReadOnlyList<AdapterUse>[] sets = [[], [new("adapter1")], [new("adapter2")], [new("adapter1", 0.5f), new("adapter2")]];
        List<string> alone = [];
        foreach (IReadOnlyList<AdapterUse> set in sets)
        {
            alone.Add(await AskAsync(set));
        }

        Assert.Equal(sets.Length, alone.Distinct().Count());
        string[] together = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => AskAsync(sets[i % sets.Length])));
        Assert.All(together, (text, i) => Assert.Equal(alone[i % sets.Length], text));
    }

    [NativeFact]
    public async Task DefaultAdapters_SwappedWhileRunning_RunningRequestsFinishWithTheOldOnes()
    {
        string bare = await AskAsync(null);
        string first = await AskAsync([new("adapter1")]);
        string second = await AskAsync([new("adapter2")]);
        Assert.Equal(bare, await AskAsync([new("adapter1", 0)]));
        _model.DefaultAdapters = [new("adapter1")];
        List<Task<string>> running = [];
        await foreach (ChatResponseUpdate _ in _model.GetStreamingResponseAsync("Hello", Options(null)))
        {
            running.Add(AskAsync(null));
            await _model.LoadAdapterAsync(_folder["adapter2.gguf"], "adapter1");
            break;
        }

        Assert.Equal(first, await running[0]);
        Assert.Equal(second, await AskAsync(null));
        _model.DefaultAdapters = [];
        await _model.UnloadAdapterAsync("adapter1");
        Assert.Equal(["adapter2"], _model.Adapters);
        Assert.Equal(bare, await AskAsync(null));
    }

    [NativeFact]
    public async Task Adapters_WrongFileNameOrScale_AreRefused()
    {
        Assert.Contains("adapter1, adapter2", (await Assert.ThrowsAsync<UserInputException>(() => AskAsync([new("adapter3")]))).Message);
        await Assert.ThrowsAsync<UserInputException>(() => AskAsync([new("adapter1"), new("adapter1", 2)]));
        await Assert.ThrowsAsync<UserInputException>(() => AskAsync([new("adapter1", float.NaN)]));
        await Assert.ThrowsAsync<UserInputException>(() => _model.LoadAdapterAsync(_folder["model.gguf"]));
        await Assert.ThrowsAsync<UserInputException>(() => _model.LoadAdapterAsync(_folder["missing.gguf"]));
        await Assert.ThrowsAsync<UserInputException>(() => _model.UnloadAdapterAsync("adapter3"));
        _model.DefaultAdapters = [new("adapter1")];
        await Assert.ThrowsAsync<UserInputException>(() => _model.UnloadAdapterAsync("adapter1"));
    }

    [NativeFact]
    public async Task LoadAdapter_TrainedOnAnotherFile_IsRefusedUnlessAllowed()
    {
        string own = AdapterBase.HashOf(_folder["model.gguf"], default), other = new('c', 64);
        TestAdapter.Writer(Shape, 1).Set("agentkit.base_sha256", own).Write(_folder["own.gguf"]);
        TestAdapter.Writer(Shape, 1).Set("agentkit.base_sha256", other).Set("general.base_model.0.name", "other one").Write(_folder["foreign.gguf"]);
        await _model.LoadAdapterAsync(_folder["own.gguf"]);
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => _model.LoadAdapterAsync(_folder["foreign.gguf"]));
        Assert.Contains($"trained on other one with SHA-256 {other}", refused.Message);
        Assert.Contains(own, refused.Message);
        Assert.Contains("allowOtherBase", refused.Message);
        Assert.DoesNotContain("foreign", _model.Adapters);
        await _model.LoadAdapterAsync(_folder["foreign.gguf"], allowOtherBase: true);
        Assert.Equal(await AskAsync([new("own")]), await AskAsync([new("foreign")]));
    }

    private async Task<string> AskAsync(IReadOnlyList<AdapterUse>? adapters) => (await _model.GetResponseAsync("Hello there", Options(adapters))).Text;

    private static ChatOptions Options(IReadOnlyList<AdapterUse>? adapters) =>
        // Few tokens: a model of random weights has near ties, and the last bits of a logit depend on the rows beside it.
        new LocalChatOptions { Adapters = adapters }.AddTo(new() { Temperature = 0, MaxOutputTokens = 12 });
}
