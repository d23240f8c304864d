using System.Reflection;
using AgentKit.Testing;

namespace AgentKit.Tests.Architecture;

/// <summary>A change of the public surface is seen in review, because it changes a file.</summary>
public class PublicApiTests
{
    private static readonly string[] Rooms = ["Kernel", "LocalModel", "Memory", "Tools", "Agents", "Hosting", "Server", "Training", "Eval"];

    [Fact]
    public void PublicApi_OfAllLibraries_IsTheApprovedOne()
    {
        string received = PublicApi.Describe(Rooms.Select(room => Assembly.Load($"AgentKit.{room}")));
        string approvedPath = Repository.PathOf("tests", "Api.approved.txt");
        string approved = File.Exists(approvedPath) ? File.ReadAllText(approvedPath) : "";
        if (received == approved) return;

        string receivedPath = Repository.PathOf("artifacts", "Api.received.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(receivedPath)!);
        File.WriteAllText(receivedPath, received);
        Assert.Fail(
            $"""
            The public API is not the approved one. First difference:
            {FirstDifference(approved, received)}
            If the change is wanted, approve it: cp artifacts/Api.received.txt tests/Api.approved.txt
            """);
    }

    [Fact]
    public void Describe_OfAKnownType_ListsConstantsParametersAndDefaults()
    {
        string text = PublicApi.Describe([typeof(Xunit.Assert).Assembly]);
        Assert.Contains("static void Empty(IEnumerable collection)", text, StringComparison.Ordinal);
    }

    private static string FirstDifference(string approved, string received)
    {
        string[] left = approved.Split('\n');
        string[] right = received.Split('\n');
        int at = Enumerable.Range(0, Math.Max(left.Length, right.Length))
            .First(i => left.ElementAtOrDefault(i) != right.ElementAtOrDefault(i));
        return $"line {at + 1}\n- {left.ElementAtOrDefault(at)}\n+ {right.ElementAtOrDefault(at)}";
    }
}
