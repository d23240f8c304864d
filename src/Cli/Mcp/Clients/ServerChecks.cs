using System.ComponentModel;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Cli.Doctor;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>Starts a server and looks at all that makes clients give up on one.</summary>
/// <param name="client">The client that starts it.</param>
/// <param name="name">The server's name in the client.</param>
/// <param name="launch">How the client starts it.</param>
/// <param name="time">Measures.</param>
internal sealed partial class ServerChecks(McpClient client, string name, ServerLaunch launch, TimeProvider time)
{
    private const string Revision = "2025-06-18";
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ToolsLimit = TimeSpan.FromSeconds(30);

    public async IAsyncEnumerable<DoctorCheck> RunAsync(string folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        DoctorCheck command = Command();
        yield return command;
        if (!command.Ok) yield break;
        (ServerProbe? probe, DoctorCheck? refused) = Start(folder);
        if (refused is not null) yield return refused;
        if (probe is null) yield break;
        using ServerProbe server = probe;
        DoctorCheck answer = await AnswerAsync(server, stop);
        yield return answer;
        if (!answer.Ok) yield break;
        foreach (DoctorCheck check in await ToolsAsync(server, stop)) yield return check;
        yield return await ExitAsync(server, stop);
    }

    private DoctorCheck Command()
    {
        string mend = $"agentkit mcp config --client {client.Name} --write";
        if (Path.GetFileNameWithoutExtension(launch.Command) == "dotnet" && launch.Arguments is ["run", ..])
            return new("command", false, "'dotnet run' prints what it builds to standard output, which belongs to the protocol", mend);
        if (!Path.IsPathFullyQualified(launch.Command))
        {
            string found = $"'{launch.Command}' is not a full path: {client.Title} may not find it";
            return new("command", client.InheritsEnvironment, found, mend, Required: !client.InheritsEnvironment);
        }

        if (!File.Exists(launch.Command)) return new("command", false, $"there is no file {launch.Command}", mend);
        bool executable = OperatingSystem.IsWindows() || (File.GetUnixFileMode(launch.Command) & UnixFileMode.UserExecute) != 0;
        return new("command", executable, executable ? launch.Command : $"{launch.Command} may not be executed", $"chmod +x '{launch.Command}'");
    }

    private (ServerProbe? Probe, DoctorCheck? Refused) Start(string folder)
    {
        try
        {
            return (ServerProbe.Start(launch, folder, client.InheritsEnvironment), null);
        }
        catch (Win32Exception e)
        {
            return (null, new("start", false, $"{launch.Command} cannot be started: {e.Message}", $"agentkit mcp config --client {client.Name} --write"));
        }
    }

    private async Task<DoctorCheck> AnswerAsync(ServerProbe server, CancellationToken stop)
    {
        long started = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(client.StartLimit);
        try
        {
            object hello = new { protocolVersion = Revision, capabilities = new { }, clientInfo = new { name = "agentkit-mcp-doctor", version = "1" } };
            JsonElement result = await server.AskAsync(1, "initialize", hello, limit.Token);
            double milliseconds = time.GetElapsedTime(started).TotalMilliseconds;
            await server.TellAsync("notifications/initialized");
            return new("answer", true, $"{result.GetProperty("serverInfo").GetProperty("name").GetString()} answered after {milliseconds:0} ms "
                + $"in revision {result.GetProperty("protocolVersion").GetString()}; {client.Title} waits {client.StartLimit.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            return new(
                "answer",
                false,
                "the answer to 'initialize' has not the parts that the protocol demands: protocolVersion, serverInfo with a name",
                "the server's author has to mend it");
        }
        catch (ProbeException e)
        {
            return new("answer", false, e.Message, "run the command by hand; only protocol messages may appear on standard output, logs belong to standard error");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            string found = $"no answer within the {client.StartLimit.TotalSeconds:0} s that {client.Title} waits. {server.Errors}";
            return new("answer", false, found, "run the command by hand and see what it waits for");
        }
    }

    private async Task<IReadOnlyList<DoctorCheck>> ToolsAsync(ServerProbe server, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ToolsLimit);
        List<string> names = [];
        try
        {
            string? cursor = null;
            do
            {
                object page = cursor is null ? new { } : new { cursor };
                JsonElement result = await server.AskAsync(names.Count + 2, "tools/list", page, limit.Token);
                names.AddRange(result.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!));
                cursor = result.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
            }
            while (cursor is not null);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            return [new("tools", false, "the answer to 'tools/list' holds no list of tools with names", "the server's author has to mend it")];
        }
        catch (ProbeException e)
        {
            return [new("tools", false, e.Message, "the server's log says more")];
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return [new("tools", false, "no list of tools within 30 s", "the server's log says more")];
        }

        return [Count(names), Names(names)];
    }

    private DoctorCheck Count(List<string> names) => new("tools", names.Count <= client.MostTools, $"{names.Count} tools; {client.Title} copes with {client.MostTools}",
        "offer fewer tools, or several servers of which some are switched off", Required: false);

    private DoctorCheck Names(List<string> names)
    {
        string[] odd = [.. names.Where(tool => !Portable().IsMatch(tool) || name.Length + tool.Length > client.LongestName)];
        return new("names", odd.Length == 0, odd.Length == 0 ? "every client takes the tools' names" : $"some client refuses {string.Join(", ", odd)}",
            $"lower-case letters, digits, _ and -; with the server's name at most {client.LongestName} characters", Required: false);
    }

    private async Task<DoctorCheck> ExitAsync(ServerProbe server, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ExitLimit);
        long started = time.GetTimestamp();
        try
        {
            await server.EndAsync(limit.Token);
            return new("exit", true, $"ended {time.GetElapsedTime(started).TotalMilliseconds:0} ms after its input was closed");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            const string found = "still runs 2 s after its input was closed: clients that are ended would leave it behind";
            return new("exit", false, found, "the server must end when its input ends", Required: false);
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}\\z")]
    private static partial Regex Portable();
}
