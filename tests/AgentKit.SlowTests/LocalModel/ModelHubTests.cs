using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Hub;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Models;

/// <summary>Downloads from a hub on this machine that misbehaves.</summary>
public sealed class ModelHubTests : IDisposable
{
    private const string Name = "some-model.gguf";

    private readonly ScratchFolder _scratch = new();
    private readonly FaultyHub _server = new();
    private readonly Notes _notes = new();
    private readonly byte[] _content = new byte[300_000];

    public ModelHubTests()
    {
        new Random(7).NextBytes(_content);
        _server.Files[Name] = _content;
    }

    public void Dispose()
    {
        _server.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Pull_SoundServer_BringsTheFileAndNothingElse()
    {
        PulledFile pulled = await PullAsync();
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
        Assert.Equal((true, 0L, false), (pulled.Verified, pulled.ResumedFrom, pulled.AlreadyThere));
        Assert.Equal([_scratch[Name]], Directory.GetFiles(_scratch.Path));
        Assert.Equal(_content.Length, _notes.Last.Done);
        Assert.Equal(_content.Length, _notes.Last.Total);
    }

    [Fact]
    public async Task Pull_SecondTime_DownloadsNothing()
    {
        await PullAsync();
        Assert.True((await PullAsync()).AlreadyThere);
        Assert.Single(_server.Downloads);
    }

    [Fact]
    public async Task Pull_ConnectionCut_GoesOnWhereItStopped()
    {
        _server.Next((_, reply) => reply with { CutAfter = 100_000 }, (_, reply) => reply with { CutAfter = 50_000 });
        await PullAsync();
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
        string[] ranges = [.. _server.Downloads.Select(request => request.Headers.GetValueOrDefault("Range", ""))];
        Assert.Equal(["", "bytes=100000-", "bytes=150000-"], ranges);
        Assert.Equal(2, _notes.All.Count);
    }

    [Fact]
    public async Task Pull_ManyCutsWithProgress_DoNotExhaustTheAttempts()
    {
        _server.Next([.. Enumerable.Repeat<Func<FaultyHub.Request, FaultyHub.Reply, FaultyHub.Reply>>((_, reply) => reply with { CutAfter = 40_000 }, 5)]);
        await PullAsync(new() { Address = _server.Address, Attempts = 2 });
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_NoProgressAtAll_GivesUpAndSaysHowToGoOn()
    {
        _server.Next((_, reply) => reply with { CutAfter = 100_000 });
        for (int i = 0; i < 8; i++) _server.Next((_, reply) => reply with { CutAfter = 0 });
        var failure = await Assert.ThrowsAsync<HubException>(() => PullAsync(new() { Address = _server.Address, Attempts = 2 }));
        Assert.Contains("100000 bytes are kept: run the same command again", failure.Message, StringComparison.Ordinal);
        PulledFile pulled = await PullAsync(new() { Address = _server.Address, Attempts = 10 });
        Assert.Equal(100_000, pulled.ResumedFrom);
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_CancelledThenAgain_GoesOnWhereItStopped()
    {
        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource();
        _server.Next((_, reply) => reply with { CutAfter = 120_000 }, (_, reply) => reply with { Before = never.Task });
        _notes.OnReport = step =>
        {
            if (step.Note is not null) stop.CancelAfter(TimeSpan.FromSeconds(2));
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PullAsync(stop: stop.Token));
        Assert.False(File.Exists(_scratch[Name]));
        PulledFile pulled = await PullAsync();
        Assert.Equal(120_000, pulled.ResumedFrom);
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_ContentChangedMeanwhile_BeginsAgain()
    {
        await StopAfterAsync(100_000);
        byte[] other = [.. _content.Reverse()];
        _server.Files[Name] = other;
        PulledFile pulled = await PullAsync();
        Assert.Equal(other, File.ReadAllBytes(_scratch[Name]));
        Assert.Equal(0, pulled.ResumedFrom);
    }

    [Fact]
    public async Task Pull_ServerWithoutRanges_BeginsAgain()
    {
        await StopAfterAsync(100_000);
        _server.Next((_, reply) => new FaultyHub.Reply(200, _content) { Headers = { ["ETag"] = reply.Headers["ETag"] } });
        await PullAsync();
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_DamagedBeginning_IsNoticedAndDownloadedAgain()
    {
        await StopAfterAsync(100_000);
        byte[] part = File.ReadAllBytes(_scratch[Name + ".part"]);
        part[10] ^= 1;
        File.WriteAllBytes(_scratch[Name + ".part"], part);
        await PullAsync();
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_WrongHash_IsRefusedAndDeleted()
    {
        byte[] wrong = [.. _content];
        wrong[^1] ^= 1;
        _server.Next((_, reply) => reply with { Body = wrong });
        var failure = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains(FaultyHub.Sha256(_content), failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_scratch.Path));
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public async Task Pull_LengthOtherThanListed_IsRefused(int difference)
    {
        byte[] other = difference < 0 ? _content[..^1000] : [.. _content, .. new byte[1000]];
        _server.Next((_, reply) => reply with { Body = other });
        var failure = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains($"lists it with {_content.Length}", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_BodyShorterThanAnnounced_IsNotTakenForWhole()
    {
        _server.Next((_, reply) => reply with { Body = _content[..200_000], Length = _content.Length });
        await PullAsync();
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
        Assert.Equal("bytes=200000-", _server.Downloads[1].Headers["Range"]);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Pull_BusyServer_WaitsAsLongAsItAsks(int status)
    {
        _server.Next((_, _) => new(status, []) { Headers = { ["Retry-After"] = "1" } });
        await PullAsync();
        Assert.Contains($"answers {status}; trying again in 1 s", Assert.Single(_notes.All), StringComparison.Ordinal);
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_ServerAsksForHours_FailsAndSaysSo()
    {
        _server.Next((_, _) => new(429, []) { Headers = { ["Retry-After"] = "7200" } });
        var failure = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains("120 minutes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_RedirectToAnotherHost_DoesNotGetTheToken()
    {
        using var store = new FaultyHub();
        store.Always = request => FaultyHub.Content(request, _content);
        _server.Next((_, reply) => new(302, []) { Headers = { ["Location"] = $"{store.Address}blob", ["X-Linked-Etag"] = reply.Headers["ETag"] } });
        PulledFile pulled = await PullAsync(new() { Address = _server.Address, Token = "secret" });
        Assert.True(pulled.Verified);
        Assert.All(_server.Requests, request => Assert.Equal("Bearer secret", request.Headers["Authorization"]));
        Assert.DoesNotContain("Authorization", Assert.Single(store.Requests).Headers.Keys);
    }

    [Fact]
    public async Task Pull_TwiceAtOnce_OneIsToldToWait()
    {
        var go = new TaskCompletionSource();
        _server.Next((_, reply) => reply with { Before = go.Task });
        Task<PulledFile> first = PullAsync();
        while (_server.Downloads.Length == 0) await Task.Delay(10);
        var failure = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains("another pull", failure.Message, StringComparison.Ordinal);
        go.SetResult();
        await first;
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Theory]
    [InlineData(401, "Set HF_TOKEN")]
    [InlineData(403, "Accept its terms")]
    [InlineData(404, "has no")]
    public async Task Find_RepositoryNotForUs_SaysWhatToDo(int status, string expected)
    {
        _server.Always = _ => new(status, Encoding.UTF8.GetBytes("{\"error\": \"no\"}"));
        var failure = await Assert.ThrowsAsync<UserInputException>(() => PullAsync());
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_SeveralModels_ListsThemWithSizes()
    {
        _server.Files["other-Q8_0.gguf"] = new byte[10];
        _server.Files["mmproj-f16.gguf"] = new byte[10];
        _server.Files["README.md"] = new byte[10];
        using var hub = new ModelHub(new() { Address = _server.Address });
        var failure = await Assert.ThrowsAsync<UserInputException>(() => hub.FindAsync(HubReference.Parse(_server.Repository)));
        Assert.EndsWith("name one as owner/some-model-GGUF/FILE: other-Q8_0.gguf (0.00 GB), some-model.gguf (0.00 GB).", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Name, Assert.Single(await hub.FindAsync(HubReference.Parse($"{_server.Repository}/{Name}"))).Path);
    }

    [Fact]
    public async Task Find_SplitModel_GivesAllParts()
    {
        for (int part = 1; part <= 3; part++) _server.Files[$"big/model-0000{part}-of-00003.gguf"] = new byte[part];
        using var hub = new ModelHub(new() { Address = _server.Address });
        IReadOnlyList<HubFile> files = await hub.FindAsync(HubReference.Parse($"{_server.Repository}/big/model-00002-of-00003.gguf"));
        Assert.Equal([1L, 2L, 3L], files.Select(file => file.Bytes!.Value));
        _server.Files.Remove("big/model-00003-of-00003.gguf");
        await Assert.ThrowsAsync<UserInputException>(() => hub.FindAsync(HubReference.Parse($"{_server.Repository}/big/model-00001-of-00003.gguf")));
    }

    [Fact]
    public async Task Pull_MirrorWithoutLists_VerifiesByTheTag()
    {
        _server.HasLists = false;
        Assert.True((await PullAsync()).Verified);
    }

    [Fact]
    public async Task Pull_HubWithTheOtherKindOfList_FindsTheFile()
    {
        _server.HasLists = false;
        _server.Always = request => request.Path == $"/api/models/{_server.Repository}"
            ? new(200, Encoding.UTF8.GetBytes($$$"""{"siblings": [{"rfilename": "README.md"}, {"rfilename": "{{{Name}}}"}]}"""))
            : null;
        Assert.True((await PullAsync()).Verified);
    }

    [Fact]
    public async Task Pull_ServerWithoutTags_GoesOnBecauseTheHashIsKnown()
    {
        FaultyHub.Reply Plain(FaultyHub.Request _, FaultyHub.Reply reply, int? cut) => reply with
        {
            CutAfter = cut,
            Headers = reply.Headers.Where(header => header.Key == "Content-Range").ToDictionary(),
        };
        _server.Next((request, reply) => Plain(request, reply, 100_000), (request, reply) => Plain(request, reply, null));
        await PullAsync();
        Assert.Equal("bytes=100000-", _server.Downloads[1].Headers["Range"]);
        Assert.Equal(_content, File.ReadAllBytes(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_ServerThatAlwaysAnnouncesTooMuch_IsGivenUp()
    {
        _server.HasLists = false;
        for (int i = 0; i < 50; i++) _server.Next((request, reply) => reply.Status == 200 ? reply with { Length = reply.Body.Length + 10 } : reply);
        await Assert.ThrowsAsync<HubException>(() => PullAsync(new() { Address = _server.Address, Attempts = 2 }));
        Assert.False(File.Exists(_scratch[Name]));
    }

    [Fact]
    public async Task Pull_AnotherFileOfThatName_IsNotReplacedUnlessForced()
    {
        _scratch.Write(Name, "precious");
        await Assert.ThrowsAsync<UserInputException>(() => PullAsync());
        Assert.Equal("precious", File.ReadAllText(_scratch[Name]));
    }

    private async Task StopAfterAsync(int bytes)
    {
        _server.Next((_, reply) => reply with { CutAfter = bytes }, (_, _) => new(429, []) { Headers = { ["Retry-After"] = "7200" } });
        await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Equal(bytes, new FileInfo(_scratch[Name + ".part"]).Length);
    }

    private async Task<PulledFile> PullAsync(HubOptions? options = null, CancellationToken stop = default)
    {
        using var hub = new ModelHub(options ?? new() { Address = _server.Address });
        IReadOnlyList<HubFile> files = await hub.FindAsync(HubReference.Parse($"{_server.Repository}/{Name}"), stop);
        return await hub.PullAsync(_server.Repository, Assert.Single(files), _scratch.Path, false, _notes, stop);
    }

    private sealed class Notes : IProgress<HubProgress>
    {
        public List<string> All { get; } = [];

        public HubProgress Last { get; private set; }

        public Action<HubProgress>? OnReport { get; set; }

        public void Report(HubProgress value)
        {
            if (value.Note is { } note) All.Add(note);
            else Last = value;
            OnReport?.Invoke(value);
        }
    }
}
