using System.Diagnostics;
using AgentKit.Testing;

namespace AgentKit.Tests.Support;

/// <summary>
/// Programs of others from npm, locked in <c>tests/npm</c> and installed into <c>artifacts/npm</c> by the first test that needs them.
/// They come with the Node they need. Add a package there, and its lock with
/// <c>npm install --package-lock-only --ignore-scripts</c>.
/// </summary>
internal static class NpmTools
{
    private static readonly Lazy<string?> Missing = new(Install);

    /// <summary>Why the programs cannot be used; <c>null</c> when they can.</summary>
    public static string? Fault => Missing.Value;

    /// <summary>The folder that holds <c>node_modules</c>.</summary>
    public static string Folder { get; } = Repository.PathOf("artifacts", "npm");

    /// <summary>Node 22.</summary>
    public static string Node => Path.Combine(
        Folder, "node_modules", $"node-linux-{(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture is System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64")}", "bin", "node");

    /// <summary>A file of an installed package.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Folder, "node_modules", .. parts]);

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

    /// <summary>Node with a script, to be started.</summary>
    public static ProcessStartInfo Command(params string[] args) => new(Node, args)
    {
        WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
    };

    private static string? Install()
    {
        if (!OperatingSystem.IsLinux()) return "the locked Node packages are for Linux";
        string locked = Repository.PathOf("tests", "npm", "package-lock.json");
        string installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        Directory.CreateDirectory(Folder);
        // Two test programs may come here at once.
        using FileStream alone = Wait(Path.Combine(Folder, "lock"));
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(locked)) return null;
        foreach (string file in (string[])["package.json", "package-lock.json"]) File.Copy(Repository.PathOf("tests", "npm", file), Path.Combine(Folder, file), true);
        try
        {
            using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            {
                WorkingDirectory = Folder, RedirectStandardError = true, RedirectStandardOutput = true,
            })!;
            Task<string> output = npm.StandardOutput.ReadToEndAsync();
            string error = npm.StandardError.ReadToEnd();
            npm.WaitForExit();
            if (npm.ExitCode != 0) return $"npm could not install the packages of tests/npm: {error}{output.Result}";
            File.SetLastWriteTimeUtc(installed, DateTime.UtcNow);
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "npm is not installed";
        }
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
