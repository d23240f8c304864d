using System.Diagnostics;
using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

/// <summary>A run whose process is killed, or asked to stop, while a tool is at work.</summary>
public sealed class InterruptedRunTests : IDisposable
{
    /// <summary>An MCP server with one tool that never answers. It says on standard error when it is called.</summary>
    private const string HangingServer = """
        while IFS= read -r line; do
          id=$(printf '%s' "$line" | sed -n 's/.*"id":\("[^"]*"\|[0-9]*\).*/\1/p')
          case $line in
            *'"method":"initialize"'*)
              printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"hanging","version":"1"}}}\n' "$id" ;;
            *'"method":"tools/list"'*)
              printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"remember","description":"Store a fact for later.","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}]}}\n' "$id" ;;
            *'"method":"tools/call"'*) echo 'CALLED' >&2 ;;
            *'"id"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such method"}}\n' "$id" ;;
          esac
        done
        """;

    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [UnixFact]
    public async Task Killed_WhileAToolRuns_JournalOpensAndShowsWhatHappened()
    {
        using Process run = await StartAndWaitForTheToolAsync();
        run.Kill();
        await run.WaitForExitAsync();

        JsonElement shown = await ShowAsync();
        Assert.Equal("interrupted", shown.GetProperty("status").GetString());
        Assert.Equal(["model", "tool"], shown.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("kind").GetString()!));
        JsonElement call = shown.GetProperty("steps")[1];
        Assert.Equal("remember", call.GetProperty("name").GetString());
        Assert.True(call.GetProperty("outcome_unknown").GetBoolean());
    }

    [UnixFact]
    public async Task AskedToStop_WhileAToolRuns_ExitsWith130AndSaysHowToSeeTheRun()
    {
        using Process run = await StartAndWaitForTheToolAsync();
        using (Process kill = Process.Start("kill", ["-TERM", run.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        string error = await run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();

        Assert.Equal(130, run.ExitCode);
        JsonElement shown = await ShowAsync();
        Assert.Equal("failed", shown.GetProperty("status").GetString());
        Assert.Equal("cancelled", shown.GetProperty("finish_reason").GetString());
        Assert.Contains($"agentkit runs show {shown.GetProperty("run_id").GetString()}", error, StringComparison.Ordinal);
    }

    private async Task<Process> StartAndWaitForTheToolAsync()
    {
        string script = Path.Combine(_cli.Home, "server.sh");
        await File.WriteAllTextAsync(script, HangingServer);
        await _cli.ApproveServerAsync("hanging", "sh", script);
        Process run = _cli.Start("run", "Remember that the demo is on Friday.", "--tools", "hanging", "--approve", "auto", "--verbose");
        string seen = "";
        while (await run.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("CALLED", StringComparison.Ordinal)) return run;
            seen += line + "\n";
        }

        throw new InvalidOperationException($"The run ended before the tool was called:\n{seen}");
    }

    private async Task<JsonElement> ShowAsync()
    {
        (_, JsonElement list, _) = await _cli.RunJsonAsync("runs", "list");
        string id = Assert.Single(list.GetProperty("runs").EnumerateArray()).GetProperty("run_id").GetString()!;
        (int exitCode, JsonElement shown, _) = await _cli.RunJsonAsync("runs", "show", id);
        Assert.Equal(0, exitCode);
        return shown;
    }
}
