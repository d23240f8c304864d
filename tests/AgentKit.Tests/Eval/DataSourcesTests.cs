using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Sources;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Hub;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public sealed class DataSourcesTests : IDisposable
{
    private static readonly string[] WithoutSource = ["mmlu", "retrieval", "retrieval_bm25", "retrieval_hybrid", "shop_dialogues"];

    private readonly ScratchFolder _folder = new();
    private readonly FaultyHub _server = new();
    private readonly byte[] _content = new byte[50_000];
    private readonly DataFile _file;
    private readonly DataSource _source;

    public DataSourcesTests()
    {
        new Random(7).NextBytes(_content);
        _file = new("set/test.jsonl", "data/deep/test.json", _content.Length, FaultyHub.Sha256(_content));
        _source = new("owner/data", "abc123", "MIT", [_file]);
        _server.Always = request => request.Path == "/owner/data/abc123/data/deep/test.json" ? FaultyHub.Content(request, _content) : null;
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Of_EveryTask_NamesAFileForEachPatternOrSaysWhatToDo()
    {
        foreach (TaskDefinition task in TaskCatalog.All)
        {
            if (WithoutSource.Contains(task.Name))
            {
                Assert.Contains("no source is declared", Assert.Throws<UserInputException>(() => DataSources.Of(task)).Message, StringComparison.Ordinal);
                continue;
            }

            DataFile[] files = [.. DataSources.Of(task).SelectMany(source => source.Files)];
            Assert.All(task.AllFiles, pattern => Assert.Contains(files, file => DataSources.Fits(file, pattern)));
        }
    }

    [Fact]
    public void All_EveryFile_HasAChecksumAndAPinnedRevision()
    {
        Assert.All(DataSources.All, source => Assert.Matches("^[0-9a-f]{40}$", source.Revision));
        DataFile[] files = [.. DataSources.All.SelectMany(source => source.Files)];
        Assert.All(files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
        Assert.Equal(files.Length, files.DistinctBy(file => file.File).Count());
    }

    [EvalDataFact("gsm8k/test.jsonl")]
    public void All_FilesThatAreHere_HaveTheDeclaredContent()
    {
        foreach (DataFile file in DataSources.All.SelectMany(source => source.Files))
        {
            byte[] content = File.ReadAllBytes(EvalData.PathOf(file.File)!);
            Assert.Equal((file.Bytes, file.Sha256), (content.Length, FaultyHub.Sha256(content)));
        }
    }

    [Fact]
    public async Task PullAsync_ConnectionCut_GoesOnAndKeepsOnlyTheWholeFile()
    {
        int asked = 0;
        var serve = _server.Always;
        _server.Always = request => Interlocked.Increment(ref asked) == 1 ? serve(request)! with { CutAfter = 20_000 } : serve(request);
        PulledFile pulled = await PullAsync();
        Assert.Equal(_content, File.ReadAllBytes(_folder["set/test.jsonl"]));
        Assert.True(pulled.Verified);
        Assert.Equal(["", "bytes=20000-"], _server.Requests.Select(request => request.Headers.GetValueOrDefault("Range", "")));
        Assert.Equal([_folder["set/test.jsonl"]], Directory.GetFiles(_folder["set"]));
        Assert.True((await PullAsync()).AlreadyThere);
    }

    [Fact]
    public async Task PullAsync_OtherContent_IsRefusedAndNothingStays()
    {
        byte[] other = [.. _content.Select(b => (byte)(b ^ 1))];
        _server.Always = request => FaultyHub.Content(request, other);
        HubException refused = await Assert.ThrowsAsync<HubException>(PullAsync);
        Assert.Contains(_file.Sha256, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["set"]));
    }

    [Fact]
    public async Task PullAsync_AnotherFileIsThere_IsKeptUnlessToldOtherwise()
    {
        string mine = _folder.Write("set/test.jsonl", "mine");
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(PullAsync);
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(mine));
        await DataSources.PullAsync(_server.Address, _source, _file, _folder.Path, overwrite: true);
        Assert.Equal(_content, File.ReadAllBytes(mine));
    }

    [Fact]
    public async Task PullAsync_NoSuchFile_NamesTheTask()
    {
        _server.Always = _ => null;
        Assert.Equal("TASK", (await Assert.ThrowsAsync<UserInputException>(PullAsync)).Field);
    }

    private Task<PulledFile> PullAsync() => DataSources.PullAsync(_server.Address, _source, _file, _folder.Path);
}
