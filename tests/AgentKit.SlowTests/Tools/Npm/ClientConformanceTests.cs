using System.Diagnostics;
using System.Text;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Tools.Npm;

/// <summary>
/// The official conformance suite against the hub. Its servers listen on all interfaces, so it runs in a network namespace of its own.
/// </summary>
public sealed class ClientConformanceTests : IDisposable
{
    private static readonly string Host = Path.Combine(AppContext.BaseDirectory, "AgentKit.ToolServerHost.dll");

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [ConformanceTheory]
    [InlineData("2025-11-25", 18)]
    [InlineData("2026-07-28", 32)]
    public async Task Suite_RequiredScenarios_AllPass(string revision, int scenarios)
    {
        string client = _scratch.Write("client.sh", $"exec dotnet exec '{Host}' conformance \"$1\"\n");
        string suite = NpmTools.PathOf("@modelcontextprotocol", "conformance", "dist", "index.js");
        string command = $"ip link set lo up; exec '{NpmTools.Node}' '{suite}' client --command 'sh {client}' --requirements {revision} --timeout 120000 -o '{_scratch["out"]}'";

        (int exitCode, string output) = await RunAsync("unshare", [.. ConformanceTheoryAttribute.Namespace, "sh", "-c", command]);

        Assert.True(exitCode == 0, output[Math.Max(0, output.Length - 6000)..]);
        Assert.True(Directory.GetFiles(_scratch["out"], "checks.json", SearchOption.AllDirectories).Length >= scenarios, output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = new StringBuilder();
        async Task Follow(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (output) output.Append(line).Append('\n');
            }
        }

        await Task.WhenAll(Follow(process.StandardOutput), Follow(process.StandardError));
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToString());
    }
}
