namespace AgentKit.SlowTests.Eval;

/// <summary>A test that opens pages in Chromium; skipped where that is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    public ChromiumFactAttribute()
    {
        if (Program is null) Skip = $"None of {string.Join(", ", Names)} is on the path.";
    }

    /// <summary>The browser; <c>null</c> when there is none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}
