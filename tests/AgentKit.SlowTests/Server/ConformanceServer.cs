using System.Diagnostics;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Server;

/// <summary>The conformance host in a process of its own.</summary>
internal sealed class ConformanceServer : IDisposable
{
    private readonly Process _process;

    private ConformanceServer(Process process, Uri url) => (_process, Url) = (process, url);

    /// <summary>The program; started where it is built.</summary>
    public static string Program { get; } = Repository.PathOf(
        "artifacts", "bin", "AgentKit.McpConformanceHost", Configuration, "AgentKit.McpConformanceHost.dll");

    public Uri Url { get; }

    public Process Process => _process;

    public static async Task<ConformanceServer> StartAsync()
    {
        Process process = Process.Start(new ProcessStartInfo("dotnet", [Program, "http"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the conformance host did not start");
        return new ConformanceServer(process, new Uri(line));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) _process.Kill();
        _process.Dispose();
    }

#if DEBUG
    private const string Configuration = "debug";
#else
    private const string Configuration = "release";
#endif
}
