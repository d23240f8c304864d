using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tools.BuiltIn;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.BuiltIn;

public sealed class FileToolsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private async Task<string> Call(string name, string argument, BuiltInToolsOptions? options = null)
    {
        var tool = BuiltInTools.Create((options ?? new()) with { Root = _scratch.Path }).Single(t => t.Name == name);
        var parameter = tool.JsonSchema.GetProperty("required")[0].GetString()!;
        return (string)(await tool.InvokeAsync(new AIFunctionArguments { [parameter] = argument }))!;
    }

    private async Task<string> Fault(string name, string argument) =>
        (await Assert.ThrowsAsync<ToolException>(() => Call(name, argument))).Message;

    [Fact]
    public async Task ListFiles_Folder_NamesEntriesSorted()
    {
        _scratch.Write("b.md", "");
        _scratch.Write("a.txt", "");
        _scratch.Write("src/main.cs", "");
        File.CreateSymbolicLink(_scratch["link"], _scratch["src"]);
        File.CreateSymbolicLink(_scratch["outside"], Path.GetTempPath());

        Assert.Equal("a.txt\nb.md\nlink/\noutside\nsrc/", await Call("list_files", "."));
        Assert.Equal("main.cs", await Call("list_files", "src"));
    }

    [Fact]
    public async Task ListFiles_EmptyFolder_SaysSo() => Assert.Equal("(empty)", await Call("list_files", "."));

    [Fact]
    public async Task ListFiles_ManyEntries_AnnouncesWhatIsLeftOut()
    {
        for (var i = 0; i < 503; i++)
            _scratch.Write($"{i:d4}.txt", "");

        var lines = (await Call("list_files", ".")).Split('\n');

        Assert.Equal(501, lines.Length);
        Assert.Equal("[3 of 503 entries are left out]", lines[^1]);
    }

    [Fact]
    public async Task ListFiles_NotAFolder_SaysWhatToDo()
    {
        _scratch.Write("notes.txt", "x");
        _scratch.Write("docs/a.txt", "x");

        Assert.Equal("'notes.txt' is a file, not a folder; read_file reads it", await Fault("list_files", "notes.txt"));
        Assert.Equal("no such folder 'doc'; similar: docs", await Fault("list_files", "doc"));
        Assert.Equal("'..' is outside the folder the tools may read", await Fault("list_files", ".."));
    }

    public static TheoryData<byte[], string> Encodings => new()
    {
        { "plain äöü 😀"u8.ToArray(), "plain äöü 😀" },
        { [0xEF, 0xBB, 0xBF, .. "marked"u8], "marked" },
        { [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("little ä")], "little ä" },
        { [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes("big ä")], "big ä" },
        { "two\r\nlines\n"u8.ToArray(), "two\r\nlines\n" },
        { [], "The file is empty." },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task ReadFile_Text_IsDecoded(byte[] content, string expected)
    {
        _scratch.Write("file.txt", content);

        Assert.Equal(expected, await Call("read_file", "file.txt"));
    }

    [Fact]
    public async Task ReadFile_FewInvalidBytes_AreAnnounced()
    {
        _scratch.Write("file.txt", [.. "a long line that is otherwise fine: "u8, 0xE4, 0x20]);

        var text = await Call("read_file", "file.txt");

        Assert.EndsWith("fine: \uFFFD \n[1 characters are not valid text and shown as \uFFFD]", text);
    }

    [Theory]
    [InlineData(new byte[] { 0x7F, 0x45, 0x4C, 0x46, 0, 1 })]
    [InlineData(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0xFF, 0xFE, 0x9C })]
    public async Task ReadFile_Binary_IsRefused(byte[] content)
    {
        _scratch.Write("program", content);

        Assert.Contains("is not a text file", await Fault("read_file", "program"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("ä")]
    [InlineData("€")]
    [InlineData("😀")]
    public async Task ReadFile_LargerThanTheLimit_AnnouncesTheCut(string unit)
    {
        var content = "." + string.Concat(Enumerable.Repeat(unit, 2000));
        var bytes = Encoding.UTF8.GetBytes(content);
        _scratch.Write("large.txt", bytes);

        var text = await Call("read_file", "large.txt", new BuiltInToolsOptions { MaxReadBytes = 1024 });

        var (shown, notice) = (text[..text.LastIndexOf('\n')], text[(text.LastIndexOf('\n') + 1)..]);
        var read = Encoding.UTF8.GetByteCount(shown);
        Assert.StartsWith(shown, content);
        Assert.InRange(read, 1021, 1024);
        Assert.Equal($"[the first {read} of {bytes.Length} bytes; {bytes.Length - read} bytes are left out]", notice);
    }

    [Fact]
    public async Task ReadFile_LargeUtf16_IsCutBetweenCharacters()
    {
        _scratch.Write("large.txt", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(new string('ä', 2000))]);

        var text = await Call("read_file", "large.txt", new BuiltInToolsOptions { MaxReadBytes = 1025 });

        Assert.Equal(511, text.Count(c => c == 'ä'));
        Assert.EndsWith("[the first 1024 of 4002 bytes; 2978 bytes are left out]", text);
    }

    [Fact]
    public async Task ReadFile_Missing_NamesSimilarFiles()
    {
        _scratch.Write("README.md", "x");
        _scratch.Write("other.txt", "x");

        Assert.Equal("no such file 'reedme.md'; similar: README.md", await Fault("read_file", "reedme.md"));
        Assert.Equal("no such file 'nothing/at/all.txt'", await Fault("read_file", "nothing/at/all.txt"));
    }

    [Fact]
    public async Task ReadFile_Folder_SaysWhatToDo()
    {
        _scratch.Write("docs/a.txt", "x");

        Assert.Equal("'docs' is a folder, not a file; list_files lists it", await Fault("read_file", "docs"));
    }

    [Fact]
    public async Task ReadFile_LinkToOutside_IsRefusedWithoutNamingTheTarget()
    {
        using var outside = new ScratchFolder();
        outside.Write("secret.txt", "secret");
        File.CreateSymbolicLink(_scratch["link.txt"], outside["secret.txt"]);

        Assert.Equal("'link.txt' is outside the folder the tools may read", await Fault("read_file", "link.txt"));
    }

    [Fact]
    public async Task SearchFiles_Matches_NamesEachFileOnceWithItsFirstLine()
    {
        _scratch.Write("b.txt", "first\nthe BUDGET is 5\nbudget again");
        _scratch.Write("a/deep.md", "  about the budget  ");
        _scratch.Write("none.txt", "nothing here");

        Assert.Equal("b.txt:2: the BUDGET is 5\na/deep.md:1: about the budget", await Call("search_files", "Budget"));
    }

    [Fact]
    public async Task SearchFiles_NoMatch_SaysSo() => Assert.Equal("No matches.", await Call("search_files", "budget"));

    [Fact]
    public async Task SearchFiles_BinaryAndHugeFiles_AreCounted()
    {
        _scratch.Write("image.png", [0, 1, 2, .. "budget"u8]);
        _scratch.Write("huge.log", new byte[3 * 1024 * 1024]);
        _scratch.Write("notes.txt", "budget");

        Assert.Equal("notes.txt:1: budget\n[not searched: 1 binary, 1 over 2 MiB]", await Call("search_files", "budget"));
    }

    [Fact]
    public async Task SearchFiles_IgnoredFoldersAndLinks_AreNotEntered()
    {
        foreach (var ignored in new[] { ".git", "node_modules", "bin", "obj" })
            _scratch.Write($"{ignored}/x.txt", "budget");
        using var outside = new ScratchFolder();
        outside.Write("secret.txt", "budget");
        File.CreateSymbolicLink(_scratch["out"], outside.Path);
        File.CreateSymbolicLink(_scratch["secret.txt"], outside["secret.txt"]);

        Assert.Equal("No matches.", await Call("search_files", "budget"));
    }

    [Fact]
    public async Task SearchFiles_ManyMatches_AnnouncesTheLimit()
    {
        for (var i = 0; i < 4; i++)
            _scratch.Write($"{i}.txt", "budget");

        var text = await Call("search_files", "budget", new BuiltInToolsOptions { MaxSearchResults = 3 });

        Assert.Equal("0.txt:1: budget\n1.txt:1: budget\n2.txt:1: budget\n[more files match, the first 3 are shown]", text);
    }

    [Fact]
    public async Task SearchFiles_LongLine_IsCutAroundTheMatch()
    {
        _scratch.Write("min.js", new string('a', 5000) + "budget" + new string('b', 5000));

        var text = await Call("search_files", "budget");

        Assert.Matches("^min.js:1: …a+budgetb+…$", text);
        Assert.True(text.Length < 200);
    }

    [Fact]
    public async Task SearchFiles_EmptyQuery_IsRefused() => Assert.Equal("the query is empty", await Fault("search_files", " "));

    [Fact]
    public async Task SearchFiles_Cancelled_Stops()
    {
        _scratch.Write("a.txt", "budget");
        var tool = BuiltInTools.Create(new BuiltInToolsOptions { Root = _scratch.Path })[^1];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await tool.InvokeAsync(new AIFunctionArguments { ["query"] = "budget" }, new CancellationToken(canceled: true)));
    }
}
