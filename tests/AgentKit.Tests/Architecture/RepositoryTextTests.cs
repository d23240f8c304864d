using System.Text;
using System.Text.RegularExpressions;
using AgentKit.Testing;

namespace AgentKit.Tests.Architecture;

/// <summary>What every text file of the repository must and must not contain.</summary>
public partial class RepositoryTextTests
{
    private static readonly string[] BinaryExtensions = [".gguf", ".png", ".db", ".bin"];

    [Fact]
    public void TextFiles_Everywhere_NameNoMachinePath()
    {
        var found =
            from file in TextFiles()
            let match = MachinePath().Match(Repository.Read(file))
            where match.Success
            select $"{file}: {match.Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void TextFiles_Everywhere_EndLinesWithLineFeedAndAreUtf8()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        Assert.All(TextFiles().Where(file => !file.EndsWith(".sln", StringComparison.Ordinal)), file =>
            Assert.DoesNotContain('\r', strict.GetString(File.ReadAllBytes(Repository.PathOf(file)))));
    }

    [Fact]
    public void Changelog_HasASectionForTheVersionOrUnreleasedWork()
    {
        string changelog = Repository.Read("CHANGELOG.md");
        string version = Regex.Match(Repository.Read("Directory.Build.props"), "<Version>(.+?)</Version>").Groups[1].Value;
        Assert.NotEmpty(version);
        Assert.Matches($@"(?m)^## (\[?Unreleased|\[?{Regex.Escape(version)})", changelog);
    }

    [Theory]
    [InlineData("LICENSE", "Apache License")]
    [InlineData("THIRD-PARTY-NOTICES", "llama.cpp")]
    [InlineData("CONTRIBUTING.md", "dotnet test")]
    [InlineData("docs/glossary.md", "**run**")]
    public void Documents_ThatUsersExpect_AreThere(string path, string contains) =>
        Assert.Contains(contains, Repository.Read(path), StringComparison.Ordinal);

    [Fact]
    public void Notices_NameEveryPackageThatShips()
    {
        string notices = Repository.Read("THIRD-PARTY-NOTICES");
        var packages = Repository.Files("src", "*.csproj")
            .SelectMany(path => PackageReference().Matches(Repository.Read(path)))
            .Select(match => match.Groups[1].Value)
            .Where(package => package != "Microsoft.CodeAnalysis.BannedApiAnalyzers")
            .Distinct();
        Assert.All(packages, package => Assert.Contains(package, notices, StringComparison.Ordinal));
    }

    private static IEnumerable<string> TextFiles() =>
        Repository.Files().Where(file => !BinaryExtensions.Contains(Path.GetExtension(file)));

    // The first letters stand apart so that this file does not contain what it looks for.
    [GeneratedRegex(@"(?<![\w.~$}])/(?:w)ork/|(?<![\w.~$}])/(?:r)oot/|(?<![\w.])/(?:h)ome/\w|[A-Z]:\\(?:U)sers\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex("<PackageReference Include=\"(.+?)\"")]
    private static partial Regex PackageReference();
}
