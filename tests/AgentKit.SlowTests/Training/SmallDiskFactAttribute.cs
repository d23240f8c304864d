using System.Diagnostics;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Training;

/// <summary>A test with llama.cpp that mounts a small file system in memory; skipped with the reason where that is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Reason = new(() =>
        !OperatingSystem.IsLinux() ? "Small file systems are mounted with Linux namespaces."
        : !MayMount() ? "This machine does not allow mounting in a user namespace."
        : null);

    public SmallDiskFactAttribute() => Skip = ShippedModel.SkipReason ?? Reason.Value;

    private static bool MayMount()
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", Path.GetTempPath()]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
