using System.Diagnostics;
using AgentKit.SlowTests.Cli;
using AgentKit.Testing;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;

namespace AgentKit.SlowTests.Tools;

/// <summary>A server that will not end, with children of which one has left its process group.</summary>
public sealed class KilledClientTests : IDisposable
{
    private static readonly string Host = Path.Combine(AppContext.BaseDirectory, "AgentKit.ToolServerHost.dll");

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Stubborn => $"dotnet exec \"{Host}\" stubborn \"{_scratch["ids"]}\"";

    [UnixFact]
    public async Task Kill_ClientOfAStubbornServer_LeavesNoProcessBehind()
    {
        using var client = Process.Start(new ProcessStartInfo("dotnet", ["exec", Host, "client", Stubborn])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("connected", await client.StandardOutput.ReadLineAsync());
        int[] ids = await Processes.IdsInAsync(_scratch["ids"]);
        Assert.All(ids, id => Assert.True(Processes.IsRunning(id)));

        client.Kill();

        await Processes.EndOfAsync(ids);
    }

    [UnixFact]
    public async Task Dispose_HubOfAStubbornServer_LeavesNoProcessBehind()
    {
        int[] ids;
        await using (await McpHub.ConnectAsync([new McpServerEntry("s", McpServerSpec.Parse(Stubborn))]))
            ids = await Processes.IdsInAsync(_scratch["ids"]);

        Assert.DoesNotContain(ids, Processes.IsRunning);
    }
}
