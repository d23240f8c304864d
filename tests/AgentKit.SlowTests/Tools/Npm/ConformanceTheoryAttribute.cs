using System.ComponentModel;
using System.Diagnostics;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Tools.Npm;

/// <summary>A test that needs the npm packages and a network namespace; skipped with the reason where one of them cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<string?> Reason = new(() =>
        NpmTools.Fault ?? (Works("unshare", [.. Namespace, "ip", "link", "set", "lo", "up"])
            ? null
            : "The suite listens on all interfaces, and this machine allows no network namespace (unshare --user --map-root-user --net, ip)."));

    public ConformanceTheoryAttribute() => Skip = Reason.Value;

    /// <summary>The arguments of <c>unshare</c>.</summary>
    public static string[] Namespace => ["--user", "--map-root-user", "--net"];

    private static bool Works(string program, string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
