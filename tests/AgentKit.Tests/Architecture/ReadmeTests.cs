using System.Text.RegularExpressions;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Testing;

namespace AgentKit.Tests.Architecture;

/// <summary>What README.md claims is what the disk and the program hold.</summary>
public partial class ReadmeTests
{
    [Fact]
    public void FileTree_InReadme_NamesExistingPathsAndMissesNoFolder()
    {
        string[] named = [.. Block("tree").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => TreePath().Match(line).Groups[1].Value)];
        Assert.DoesNotContain("", named);
        Assert.All(named, path => Assert.True(
            path.EndsWith('/') ? Directory.Exists(Repository.PathOf(path)) : File.Exists(Repository.PathOf(path)), $"{path} is not there"));

        var folders = Repository.Files()
            .Where(file => file.Count(c => c == '/') >= (file.StartsWith("src/", StringComparison.Ordinal) ? 2 : 1))
            .Select(file => string.Join('/', file.Split('/').Take(file.StartsWith("src/", StringComparison.Ordinal) ? 2 : 1)) + "/")
            .Distinct();
        Assert.All(folders, folder => Assert.Contains(folder, named));
    }

    [Fact]
    public void LibraryExample_InReadme_StaysShort() => Assert.InRange(Block("csharp").Split('\n').Length, 5, 20);

    [Fact]
    public void CommandTable_InReadme_ListsExactlyTheCommandsOfTheProgram()
    {
        var documented = TableCommand().Matches(Repository.Read("README.md")).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);
        using var terminal = new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null);
        using var interrupts = new Interrupts();
        var host = new CommandHost(terminal, interrupts, TimeProvider.System);
        CommandTree.Create(host);
        var real = host.Examples.Keys.Select(command => string.Join(' ', command.PathFromRoot().Skip(1))).Order(StringComparer.Ordinal);
        Assert.Equal(real, documented);
    }

    [Fact]
    public void Loops_NamedInReadme_Exist()
    {
        string[] loops = [.. LoopRow().Matches(Repository.Read("README.md")).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(loops);
        Assert.All(loops, path => Assert.True(File.Exists(Repository.PathOf(path)), $"{path} is not there"));
    }

    private static string Block(string language)
    {
        Match match = Regex.Match(Repository.Read("README.md"), $"(?ms)^```{language}\n(.*?)\n```$");
        Assert.True(match.Success, $"README.md has no ```{language} block.");
        return match.Groups[1].Value;
    }

    [GeneratedRegex(@"^[\s│├└─]*([\w./-]+)\s")]
    private static partial Regex TreePath();

    [GeneratedRegex(@"(?m)^\| `agentkit ((?:[a-z][a-z-]* ?)+?)(?: [A-Z\[-].*?)?` \|")]
    private static partial Regex TableCommand();

    [GeneratedRegex(@"(?m)^\| [a-z ]+ \| `((?:src|eval)/[\w/]+\.cs)` \|")]
    private static partial Regex LoopRow();
}
