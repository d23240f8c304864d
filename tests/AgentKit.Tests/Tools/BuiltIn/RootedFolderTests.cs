using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tools.BuiltIn.Files;

namespace AgentKit.Tests.Tools.BuiltIn;

public sealed class RootedFolderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly RootedFolder _folder;

    public RootedFolderTests()
    {
        _scratch.Write("data/notes.txt", "inside");
        _scratch.Write("data/sub/deep.txt", "inside");
        _scratch.Write("data-evil/secret.txt", "outside");
        _scratch.Write("secret.txt", "outside");
        _folder = new RootedFolder(_scratch["data"]);
    }

    public void Dispose() => _scratch.Dispose();

    private string Link(string relative, string target)
    {
        File.CreateSymbolicLink(_scratch[relative], target);
        return relative;
    }

    private void AssertOutside(string path)
    {
        var fault = Assert.Throws<ToolException>(() => _folder.Resolve(path));

        Assert.Equal($"'{path}' is outside the folder the tools may read", fault.Message);
    }

    [Theory]
    [InlineData(".", "data")]
    [InlineData("notes.txt", "data/notes.txt")]
    [InlineData("./sub//deep.txt", "data/sub/deep.txt")]
    [InlineData("sub/../notes.txt", "data/notes.txt")]
    [InlineData("../data/notes.txt", "data/notes.txt")]
    [InlineData("sub/", "data/sub")]
    [InlineData("missing/file.txt", "data/missing/file.txt")]
    [InlineData("notes.txt/child", "data/notes.txt/child")]
    [InlineData("..notes", "data/..notes")]
    public void Resolve_PathInside_GivesItsRealPath(string path, string expected) =>
        Assert.Equal(_scratch[expected], _folder.Resolve(path));

    [Fact]
    public void Resolve_AbsolutePathInside_IsAllowed() =>
        Assert.Equal(_scratch["data/notes.txt"], _folder.Resolve(_scratch["data/notes.txt"]));

    [Theory]
    [InlineData("..")]
    [InlineData("../secret.txt")]
    [InlineData("sub/../../secret.txt")]
    [InlineData("../data-evil/secret.txt")]
    [InlineData("./././../secret.txt")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("sub/../../../../../../../../etc/passwd")]
    public void Resolve_PathOutside_IsRefused(string path) => AssertOutside(path);

    [Fact]
    public void Resolve_SiblingWithTheSamePrefix_IsRefused() => AssertOutside(_scratch["data-evil/secret.txt"]);

    [Theory]
    [InlineData("%2e%2e/secret.txt")]
    [InlineData("..%2fsecret.txt")]
    [InlineData("..\\secret.txt")]
    [InlineData("..%c0%afsecret.txt")]
    [InlineData("．．/secret.txt")]
    public void Resolve_EncodedParent_IsAnOrdinaryName(string path)
    {
        if (!OperatingSystem.IsWindows() || !path.Contains('\\'))
            Assert.StartsWith(_scratch["data"] + Path.DirectorySeparatorChar, _folder.Resolve(path));
    }

    [Fact]
    public void Resolve_Nul_IsRefused() =>
        Assert.Contains("NUL", Assert.Throws<ToolException>(() => _folder.Resolve("notes.txt\0.png")).Message);

    [Fact]
    public void Resolve_Empty_SaysWhatToWrite() =>
        Assert.Contains("'.'", Assert.Throws<ToolException>(() => _folder.Resolve("")).Message);

    [Fact]
    public void Resolve_LinkToOutsideFile_IsRefused()
    {
        Link("data/link.txt", _scratch["secret.txt"]);

        AssertOutside("link.txt");
    }

    [Fact]
    public void Resolve_RelativeLinkToOutside_IsRefused()
    {
        Link("data/sub/link.txt", "../../secret.txt");

        AssertOutside("sub/link.txt");
    }

    [Fact]
    public void Resolve_LinkInTheMiddle_IsFollowed()
    {
        Link("data/out", _scratch["data-evil"]);

        AssertOutside("out/secret.txt");
        AssertOutside("out");
        AssertOutside("out/not-there/either.txt");
    }

    [Fact]
    public void Resolve_ChainOfLinks_IsFollowedToItsEnd()
    {
        Link("data/sub/third", _scratch.Path);
        Link("data/second", "sub/third");
        Link("data/first", "./second");

        AssertOutside("first/secret.txt");
        Assert.Equal(_scratch["data/notes.txt"], _folder.Resolve("first/data/notes.txt"));
    }

    [Fact]
    public void Resolve_LinkOutAndBackIn_IsAllowed()
    {
        Link("back", _scratch["data/sub"]);
        Link("data/loop", "../back");

        Assert.Equal(_scratch["data/sub/deep.txt"], _folder.Resolve("loop/deep.txt"));
    }

    [Fact]
    public void Resolve_LinkTargetThatClimbsThroughALink_IsFollowedPhysically()
    {
        Directory.CreateDirectory(_scratch["elsewhere/inner"]);
        Link("data/jump", _scratch["elsewhere/inner"]);
        Link("data/climb", "jump/../notes.txt");

        AssertOutside("climb");
    }

    [Fact]
    public void Resolve_DanglingLinkToOutside_IsRefused()
    {
        Link("data/dangling", _scratch["not-there"]);

        AssertOutside("dangling");
    }

    [Fact]
    public void Resolve_CircularLinks_EndWithAMessage()
    {
        Link("data/a", "b");
        Link("data/b", "a");

        Assert.Contains("circles", Assert.Throws<ToolException>(() => _folder.Resolve("a")).Message);
    }

    [Fact]
    public void Resolve_RootIsALink_AcceptsBothNames()
    {
        Link("alias", _scratch["data"]);
        var folder = new RootedFolder(_scratch["alias"]);

        Assert.Equal(_scratch["data/notes.txt"], folder.Resolve("notes.txt"));
        Assert.Equal(_scratch["data/notes.txt"], folder.Resolve(_scratch["alias/notes.txt"]));
        Assert.Equal(_scratch["data/notes.txt"], folder.Resolve(_scratch["data/notes.txt"]));
    }

    [Fact]
    public void Resolve_RandomPaths_NeverLeaveTheFolder()
    {
        Link("data/out", _scratch.Path);
        Link("data/sub/up", "..");
        string[] parts = ["..", ".", "sub", "out", "up", "data", "data-evil", "notes.txt", "secret.txt", "", "/", "...", " "];
        var random = new Random(7);
        for (var i = 0; i < 5000; i++)
        {
            var path = string.Join('/', Enumerable.Range(0, random.Next(1, 8)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                var real = _folder.Resolve(path);
                Assert.StartsWith(_scratch["data"] + "/", real + "/", StringComparison.Ordinal);
            }
            catch (ToolException e)
            {
                Assert.DoesNotContain(_scratch.Path, e.Message);
            }
        }
    }
}
