using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tools.BuiltIn;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.BuiltIn;

public sealed class WriteFileToolTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly AIFunction _write;

    public WriteFileToolTests()
    {
        Directory.CreateDirectory(_scratch["dir"]);
        Directory.CreateDirectory(_scratch["dir-evil"]);
        _write = BuiltInTools.Create(new BuiltInToolsOptions { Root = _scratch["dir"], Write = true, MaxWriteBytes = 4096 }).Single(tool => tool.Name == "write_file");
    }

    public void Dispose() => _scratch.Dispose();

    private async Task<string> Write(string path, string content = "text") =>
        (string)(await _write.InvokeAsync(new AIFunctionArguments { ["path"] = path, ["content"] = content }))!;

    private async Task<string> Refused(string path, string content = "text") =>
        (await Assert.ThrowsAsync<ToolException>(() => Write(path, content))).Message;

    [Fact]
    public async Task Write_NewAndAgain_CreatesFoldersAndReplaces()
    {
        Assert.Equal("Created a/b/c.txt (4 bytes).", await Write("a/b/c.txt"));
        Assert.Equal("Replaced a/b/c.txt (6 bytes).", await Write("a/b/c.txt", "größ"));

        Assert.Equal("größ", File.ReadAllText(_scratch["dir/a/b/c.txt"]));
        Assert.Single(Directory.GetFiles(_scratch["dir/a/b"]));
    }

    [Theory]
    [InlineData("../dir-evil/x")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("./.././x")]
    [InlineData("/etc/x")]
    [InlineData("\0")]
    [InlineData("x\0.txt")]
    [InlineData("")]
    public async Task Write_PathThatLeadsOutside_IsRefused(string path)
    {
        await Refused(path);
        AssertNothingOutside();
    }

    [Fact]
    public async Task Write_AbsolutePathThatBeginsAlike_IsRefused()
    {
        await Refused(_scratch["dir-evil/x"]);
        AssertNothingOutside();
    }

    [Theory]
    [InlineData("..%2fx")]
    [InlineData("%2e%2e/x")]
    [InlineData("..\\x")]
    [InlineData("‥/x")]
    [InlineData("．．/x")]
    public async Task Write_EncodedDots_AreOrdinaryNamesInside(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        await Write(path);
        AssertNothingOutside();
    }

    [Fact]
    public async Task Write_LinkAtAnySegment_IsNotFollowedOutside()
    {
        Directory.CreateDirectory(_scratch["dir/a"]);
        File.WriteAllText(_scratch["dir-evil/file"], "safe");
        Directory.CreateSymbolicLink(_scratch["dir/out"], _scratch["dir-evil"]);
        Directory.CreateSymbolicLink(_scratch["dir/a/up"], "../../dir-evil");
        File.CreateSymbolicLink(_scratch["dir/a/file"], _scratch["dir-evil/file"]);
        File.CreateSymbolicLink(_scratch["dir/dangling"], _scratch["dir-evil/new"]);

        foreach (string path in new[] { "out/x", "out/file", "a/up/x", "a/up/deeper/x", "a/file", "dangling", "a/../out/x" }) await Refused(path);

        Assert.Equal("safe", File.ReadAllText(_scratch["dir-evil/file"]));
        Assert.Single(Directory.GetFileSystemEntries(_scratch["dir-evil"]));
    }

    [Fact]
    public async Task Write_LinkInside_ChangesWhatItLeadsTo()
    {
        File.WriteAllText(_scratch["dir/real"], "old");
        File.CreateSymbolicLink(_scratch["dir/link"], "real");

        Assert.Equal("Replaced real (4 bytes).", await Write("link"));
        Assert.Equal("real", new FileInfo(_scratch["dir/link"]).LinkTarget);
        Assert.Equal("text", File.ReadAllText(_scratch["dir/real"]));
    }

    [Fact]
    public async Task Write_FolderOrTooMuch_IsRefusedAndLeavesNothing()
    {
        Directory.CreateDirectory(_scratch["dir/a"]);

        Assert.Equal("'a' is a folder", await Refused("a"));
        Assert.Equal("the content has 4097 bytes; one call writes 4096 at most", await Refused("b", new string('x', 4097)));
        Assert.Single(Directory.GetFileSystemEntries(_scratch["dir"]));
    }

    [Fact]
    public async Task Write_ExistingFile_KeepsItsMode()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.WriteAllText(_scratch["dir/run.sh"], "old");
        File.SetUnixFileMode(_scratch["dir/run.sh"], mode);

        await Write("run.sh");

        Assert.Equal(mode, File.GetUnixFileMode(_scratch["dir/run.sh"]));
    }

    [Fact]
    public async Task Write_ManyAtOnce_LeavesOneWholeText()
    {
        await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => Write("x", new string((char)('a' + (i % 26)), 4096)))));

        string text = File.ReadAllText(_scratch["dir/x"]);
        Assert.Equal(4096, text.Length);
        Assert.Single(text.Distinct());
        Assert.Single(Directory.GetFiles(_scratch["dir"]));
    }

    [Fact]
    public void Contract_OfWriting_SaysSo()
    {
        Assert.Equal(new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite), ToolContract.Of(_write));
        Assert.Equal(ApprovalAnswer.Ask, new ToolPolicy().For(_write));
    }

    [Fact]
    public void Create_WriteWithoutRoot_IsRefused() =>
        Assert.Throws<UserInputException>(() => BuiltInTools.Create(new BuiltInToolsOptions { Write = true }));

    private void AssertNothingOutside()
    {
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["dir-evil"]));
        Assert.Equal(2, Directory.GetFileSystemEntries(_scratch.Path).Length);
    }
}
