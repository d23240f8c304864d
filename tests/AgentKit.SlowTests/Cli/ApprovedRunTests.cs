using System.Diagnostics;
using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

/// <summary>Runs that stop for a decision and go on in another process.</summary>
public sealed class ApprovedRunTests : IDisposable
{
    /// <summary>An MCP server whose one tool writes a line to a file, and then may be slow to say so.</summary>
    private const string NotesServer = """
        while IFS= read -r line; do
          id=$(printf '%s' "$line" | sed -n 's/.*"id":\("[^"]*"\|[0-9]*\).*/\1/p')
          case $line in
            *'"method":"initialize"'*)
              printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"notes","version":"1"}}}\n' "$id" ;;
            *'"method":"tools/list"'*)
              printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"remember","description":"Store a fact for later.","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}]}}\n' "$id" ;;
            *'"method":"tools/call"'*)
              echo note >> "$1"
              echo CALLED >&2
              if [ ! -f "$1.slow" ]; then printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"Stored."}]}}\n' "$id"; fi ;;
            *'"id"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such method"}}\n' "$id" ;;
          esac
        done
        """;

    private readonly ChildCli _cli = new();

    private string Notes => Path.Combine(_cli.Home, "notes.txt");

    private int Written => File.Exists(Notes) ? File.ReadAllLines(Notes).Length : 0;

    public void Dispose() => _cli.Dispose();

    [UnixFact]
    public async Task Approve_InAnotherProcess_LetsTheRunFinish()
    {
        JsonElement waiting = await WaitAsync();
        string id = waiting.GetProperty("run_id").GetString()!;
        JsonElement call = Assert.Single(waiting.GetProperty("waiting").EnumerateArray());
        Assert.Equal(("remember", false), (call.GetProperty("name").GetString(), call.GetProperty("outcome_unknown").GetBoolean()));

        (int exitCode, JsonElement run, _) = await _cli.RunJsonAsync("runs", "approve", id, call.GetProperty("call_id").GetString()!);

        Assert.Equal((0, "completed", 1), (exitCode, run.GetProperty("status").GetString(), Written));
        Assert.Equal(id, run.GetProperty("run_id").GetString());
        (exitCode, _, string error) = await _cli.RunAsync(null, "runs", "approve", id, call.GetProperty("call_id").GetString()!);
        Assert.Equal(2, exitCode);
        Assert.Contains("no call of it waits", error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Reject_InAnotherProcess_TellsTheModelAndTheRunEnds()
    {
        JsonElement waiting = await WaitAsync();
        string callId = waiting.GetProperty("waiting")[0].GetProperty("call_id").GetString()!;
        string id = waiting.GetProperty("run_id").GetString()!;
        (int exitCode, JsonElement later, string error) = await _cli.RunJsonAsync("runs", "reject", id, callId, "--reason", "not now", "--later");
        Assert.Equal((0, "waiting"), (exitCode, later.GetProperty("status").GetString()));
        Assert.Contains($"agentkit runs resume {id}", error, StringComparison.Ordinal);

        (_, JsonElement run, _) = await _cli.RunJsonAsync("runs", "resume", id);

        Assert.Equal("answered", run.GetProperty("finish_reason").GetString());
        Assert.Equal("The call of 'remember' was not approved. Reason: not now", run.GetProperty("steps")[1].GetProperty("error").GetString());
        Assert.Equal(0, Written);
    }

    [UnixFact]
    public async Task Run_HeadlessWithoutApprove_RefusesWhatWritesAndSaysSo()
    {
        (_, JsonElement run, _) = await _cli.RunJsonAsync(await ArgumentsAsync());
        Assert.Equal(0, Written);
        Assert.Contains("was not approved", run.GetProperty("steps")[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Resume_KilledInAToolThatWrites_StandsAtAnUnknownUntilSomebodySaysWhatHappened()
    {
        await File.WriteAllTextAsync($"{Notes}.slow", "");
        using (Process process = _cli.Start([.. await ArgumentsAsync(), "--approve", "auto", "--verbose"]))
        {
            while (await process.StandardError.ReadLineAsync() is { } line && !line.Contains("CALLED", StringComparison.Ordinal)) ;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        (int exitCode, JsonElement all, _) = await _cli.RunJsonAsync("runs", "resume");
        JsonElement run = Assert.Single(all.GetProperty("runs").EnumerateArray());
        JsonElement call = Assert.Single(run.GetProperty("waiting").EnumerateArray());
        Assert.Equal((1, "waiting", true), (exitCode, run.GetProperty("status").GetString(), call.GetProperty("outcome_unknown").GetBoolean()));

        (exitCode, run, _) = await _cli.RunJsonAsync(
            "runs", "approve", run.GetProperty("run_id").GetString()!, call.GetProperty("call_id").GetString()!, "--result", "Stored.");
        Assert.Equal((0, "completed", 1), (exitCode, run.GetProperty("status").GetString(), Written));
    }

    private async Task<string[]> ArgumentsAsync()
    {
        string script = Path.Combine(_cli.Home, "server.sh");
        await File.WriteAllTextAsync(script, NotesServer);
        await _cli.ApproveServerAsync("notes", "sh", script, Notes);
        return ["run", "Remember that the demo is on Friday.", "--tools", "notes"];
    }

    private async Task<JsonElement> WaitAsync()
    {
        (int exitCode, JsonElement waiting, _) = await _cli.RunJsonAsync([.. await ArgumentsAsync(), "--approve", "ask"]);
        Assert.Equal((1, "waiting", 0), (exitCode, waiting.GetProperty("status").GetString(), Written));
        return waiting;
    }
}
