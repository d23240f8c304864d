using System.Text;

namespace AgentKit.Testing;

/// <summary>Public evaluation data outside of the repository.</summary>
public static class EvalData
{
    private static readonly string? Root = Find();

    /// <summary>A file or folder of the data, or <c>null</c> when it is not on this machine.</summary>
    public static string? PathOf(string relative)
    {
        string? path = Root is null ? null : Path.Combine(Root, relative);
        return Path.Exists(path) ? path : null;
    }

    /// <summary>The lines of a file of the data; a byte order mark counts as text, as it does for Python.</summary>
    public static string[] Lines(string relative) => Encoding.UTF8.GetString(File.ReadAllBytes(PathOf(relative)!)).TrimEnd('\n').Split('\n');

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("AGENTKIT_TESTDATA") is { Length: > 0 } named) return named;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }
}
