using System.Xml.Linq;
using AgentKit.Testing;

namespace AgentKit.Tests.Architecture;

/// <summary>Which room may know which: the arrows of the architecture.</summary>
public class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Kernel"] = [],
        ["LocalModel"] = ["Kernel"],
        ["Memory"] = ["Kernel"],
        ["Tools"] = ["Kernel"],
        ["Agents"] = ["Kernel"],
        ["Training"] = ["Kernel", "LocalModel"],
        ["Synthesis"] = ["Kernel"],
        ["Hosting"] = ["Kernel", "LocalModel", "Memory", "Tools", "Agents"],
        ["Server"] = ["Kernel", "Agents", "Memory", "Tools", "LocalModel"],
        ["Cluster"] = ["Kernel", "Memory"],
        ["Eval"] = ["Kernel", "LocalModel", "Agents", "Memory"],
    };

    [Fact]
    public void ProjectReferences_OfEveryRoom_FollowTheArrows()
    {
        var wrong =
            from project in Projects()
            where project.Room != "Cli"
            from reference in project.References
            where !Allowed.TryGetValue(project.Room, out var allowed) || !allowed.Contains(reference)
            select $"{project.Room} -> {reference}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void PackageReferences_OfKernel_AreAbstractionsOnly()
    {
        string[] packages = [.. XDocument.Load(Repository.PathOf("src", "Kernel", "AgentKit.Kernel.csproj"))
            .Descendants("PackageReference").Select(element => (string)element.Attribute("Include")!)];
        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.StartsWith("Microsoft.Extensions.", package, StringComparison.Ordinal));
    }

    [Fact]
    public void LocalModel_Build_RestoresTheNativeLibraries() => Assert.Contains(
        "<Import Project=\"../../native/LlamaNative.targets\" />",
        Repository.Read("src", "LocalModel", "AgentKit.LocalModel.csproj"),
        StringComparison.Ordinal);

    [Fact]
    public void Solution_ContainsEveryProject()
    {
        string solution = Repository.Read("AgentKit.sln").Replace('\\', '/');
        Assert.All(
            Repository.Files(pattern: "*.csproj").Where(path => !path.StartsWith("samples/", StringComparison.Ordinal)),
            path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Room, string[] References)> Projects() =>
        from path in Repository.Files("src", "*.csproj").Concat(Repository.Files("eval", "*.csproj"))
        select (Room(path), XDocument.Load(Repository.PathOf(path))
            .Descendants("ProjectReference").Select(element => Room((string)element.Attribute("Include")!)).ToArray());

    private static string Room(string projectPath) => Path.GetFileNameWithoutExtension(projectPath).Split('.')[1];
}
