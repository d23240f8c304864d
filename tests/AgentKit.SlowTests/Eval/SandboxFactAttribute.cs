using System.Diagnostics;

namespace AgentKit.SlowTests.Eval;

/// <summary>A test that runs Python in a sandbox; skipped with the reason where that cannot be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SandboxFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Reason = new(() =>
        !OperatingSystem.IsLinux() ? "The sandbox is made of Linux namespaces."
        : !Works("python3", "-c", "pass") ? "There is no python3 here."
        : !Works("unshare", "--user", "--map-root-user", "--net", "--mount", "true") ? "This machine does not allow user namespaces."
        : null);

    public SandboxFactAttribute() => Skip = Reason.Value;

    private static bool Works(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
