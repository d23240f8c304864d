using System.Diagnostics;

namespace AgentKit.Bench;

/// <summary>
/// The library of sqlite-vec: the one that AGENTKIT_VEC0 names (without its extension), else the npm package pinned in <c>bench/sqlite-vec</c>,
/// which is restored when it is missing.
/// </summary>
internal static class SqliteVec
{
    /// <returns><c>null</c> when there is none for this machine; why is printed.</returns>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("AGENTKIT_VEC0") is { Length: > 0 } named) return named;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string pinned = Path.Combine(folder.FullName, "bench", "sqlite-vec");
            if (File.Exists(Path.Combine(pinned, "package-lock.json"))) return Restored(pinned);
        }

        Console.WriteLine("sqlite-vec is not measured: this program does not lie in its repository, and AGENTKIT_VEC0 is not set.");
        return null;
    }

    private static string? Restored(string pinned)
    {
        string library = Path.Combine(pinned, "node_modules", "sqlite-vec-linux-x64", "vec0");
        if (!File.Exists($"{library}.so"))
        {
            using Process npm = Process.Start(new ProcessStartInfo("npm", "ci --ignore-scripts --no-audit --no-fund --loglevel=error") { WorkingDirectory = pinned })!;
            npm.WaitForExit();
        }

        if (File.Exists($"{library}.so")) return library;
        Console.WriteLine($"sqlite-vec is not measured: 'npm ci' in {pinned} gave no library for this machine; AGENTKIT_VEC0 may name another one.");
        return null;
    }
}
