using System.Text.RegularExpressions;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Server;

/// <summary>The official conformance suite against the server, for both eras, all its scenarios: also those it does not score.</summary>
public partial class ConformanceTests
{
    [NpmTheory]
    [InlineData("2025-11-25", 82)]
    [InlineData("2026-07-28", 196)]
    public async Task Suite_AgainstTheServer_Passes(string revision, int leastChecks)
    {
        using var scratch = new ScratchFolder();
        using ConformanceServer server = await ConformanceServer.StartAsync();

        (int exitCode, string output) = await NpmTools.RunAsync(
            TimeSpan.FromMinutes(8),
            NpmTools.PathOf("@modelcontextprotocol", "conformance", "dist", "index.js"),
            "server",
            "--url",
            server.Url.AbsoluteUri,
            "--requirements",
            revision,
            "-o",
            scratch.Path);

        Match total = Total().Match(output);
        string failing = string.Join('\n', output.Split('\n').Where(line => line.StartsWith('✗')));
        Assert.True(exitCode == 0 && total.Success, output);
        Assert.True(total.Groups["failed"].Value == "0", failing);
        Assert.True(int.Parse(total.Groups["passed"].Value) >= leastChecks, total.Value);
    }

    [GeneratedRegex(@"Total: (?<passed>\d+) passed, (?<failed>\d+) failed")]
    private static partial Regex Total();
}
