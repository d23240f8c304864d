namespace AgentKit.Testing;

/// <summary>The checkout the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Generated = [".git", "artifacts", "bin", "obj", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea"];

    private static readonly Lazy<string> Found = new(Find);

    /// <summary>Absolute path of the folder that holds AgentKit.sln.</summary>
    public static string Root => Found.Value;

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>Files below a folder, generated ones left out, as paths relative to the root with forward slashes, sorted.</summary>
    public static IEnumerable<string> Files(string folder = "", string pattern = "*") =>
        Walk(Path.Combine(Root, folder), pattern)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Walk(string folder, string pattern)
    {
        if (!Directory.Exists(folder)) return [];
        return Directory.EnumerateDirectories(folder)
            .Where(child => !Generated.Contains(Path.GetFileName(child)))
            .SelectMany(child => Walk(child, pattern))
            .Concat(Directory.EnumerateFiles(folder, pattern).Where(file => Path.GetFileName(file) != ".git"));
    }

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "AgentKit.sln"))) return at.FullName;
        }

        throw new InvalidOperationException($"No AgentKit.sln above {AppContext.BaseDirectory}: run the tests from a checkout.");
    }
}
