using System.Text.Json;
using Xunit;

namespace AgentKit.Tests.Support;

/// <summary>Tool conversations with expected calls; test data outside of the repository.</summary>
internal static class NanoTools
{
    /// <summary>The folder, or null when it is not on this machine.</summary>
    internal static string? Folder { get; } = TestData.Folder("nano-tools", "train.jsonl");

    /// <summary>The rows of a file that expect calls: the tools offered, and the calls.</summary>
    internal static IEnumerable<(JsonElement Tools, JsonElement[] Calls)> RowsWithCalls(string file)
    {
        foreach (var line in File.ReadLines(Path.Combine(Folder!, file)))
        {
            var row = JsonSerializer.Deserialize<JsonElement>(line);
            if (row.GetProperty("expected").TryGetProperty("tool_calls", out var calls))
                yield return (row.GetProperty("tools"), [.. calls.EnumerateArray()]);
        }
    }
}

/// <summary>A test that needs the tool conversations; skipped where they are not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NanoToolsTheoryAttribute : TheoryAttribute
{
    public NanoToolsTheoryAttribute()
    {
        if (NanoTools.Folder is null)
            Skip = "The nano-tools test data is not here; AGENTKIT_TESTDATA may name its parent folder.";
    }
}
