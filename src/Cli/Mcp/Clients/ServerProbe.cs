using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>
/// A server started as a client starts it, spoken to line by line: what goes wrong before the protocol begins is what a client library
/// cannot tell. Disposing it ends the server with its children.
/// </summary>
internal sealed class ServerProbe : IDisposable
{
    /// <summary>What a client that passes nothing on still sets.</summary>
    private static readonly string[] Basics = OperatingSystem.IsWindows()
        ? ["PATH", "PATHEXT", "SystemRoot", "SystemDrive", "TEMP", "TMP", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "HOMEDRIVE", "HOMEPATH"]
        : ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG"];

    private const int TailLines = 5;

    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    private ServerProbe(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (_errors)
            {
                _errors.Enqueue(line.Data);
                if (_errors.Count > TailLines) _errors.Dequeue();
            }
        };
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines the server wrote to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors) return string.Join(" | ", _errors);
        }
    }

    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public static ServerProbe Start(ServerLaunch launch, string folder, bool inheritsEnvironment)
    {
        ProcessStartInfo start = new(launch.Command, launch.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = folder,
        };
        if (!inheritsEnvironment)
        {
            foreach (string name in start.Environment.Keys.Except(Basics, StringComparer.OrdinalIgnoreCase).ToList()) start.Environment.Remove(name);
        }

        foreach ((string name, string value) in launch.Environment) start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>Sends a request and reads its answer; notifications in between are skipped.</summary>
    /// <exception cref="ProbeException">The server ended, or wrote something else than JSON-RPC messages, or answered with an error.</exception>
    /// <exception cref="OperationCanceledException">There was no answer in time.</exception>
    public async Task<JsonElement> AskAsync(int id, string method, object parameters, CancellationToken cancellation)
    {
        await SendAsync(new { jsonrpc = "2.0", id, method, @params = parameters });
        while (true)
        {
            string line = await _process.StandardOutput.ReadLineAsync(cancellation)
                ?? throw new ProbeException($"the server ended before it answered '{method}'. {Said()}");
            JsonElement message = Parse(line);
            if (!message.TryGetProperty("id", out JsonElement answered) || answered.ValueKind != JsonValueKind.Number
                || !answered.TryGetInt32(out int number) || number != id) continue;
            return message.TryGetProperty("result", out JsonElement result)
                ? result
                : throw new ProbeException($"'{method}' was answered with an error: {message}");
        }
    }

    /// <summary>Sends a notification.</summary>
    public Task TellAsync(string method) => SendAsync(new { jsonrpc = "2.0", method });

    /// <summary>Closes the server's input and waits for its end.</summary>
    /// <exception cref="OperationCanceledException">It did not end in time.</exception>
    public async Task EndAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellation);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task SendAsync(object message)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(message));
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended; what it wrote before that is read next and says more.
            return;
        }
    }

    private string Said() => Errors.Length == 0 ? "It said nothing on standard error." : $"Its last words on standard error: {Errors}";

    private static JsonElement Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("jsonrpc", out _)) return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Said below, with what it was.
        }

        throw new ProbeException($"standard output holds something else than the protocol: \"{(line.Length > 80 ? line[..80] + "…" : line)}\"");
    }
}
