namespace AgentKit.Tests.Support;

/// <summary>Test data outside of the repository: under <c>AGENTKIT_TESTDATA</c>, else in a folder <c>shared/data</c> beside the repository.</summary>
internal static class TestData
{
    /// <summary>A folder of the test data, or null when it is not on this machine.</summary>
    /// <param name="name">The folder.</param>
    /// <param name="file">A file that it must hold.</param>
    internal static string? Folder(string name, string file)
    {
        if (Environment.GetEnvironmentVariable("AGENTKIT_TESTDATA") is { } root)
            return Existing(Path.Combine(root, name), file);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", name), file) is { } found)
                return found;
        }

        return null;
    }

    private static string? Existing(string folder, string file) => File.Exists(Path.Combine(folder, file)) ? folder : null;
}
