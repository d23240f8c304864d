using System.Text;
using Microsoft.Extensions.Logging;

namespace AgentKit.Tools.Mcp;

/// <summary>Passes a server's standard error on to the log and keeps its last lines for the message of a failed start.</summary>
internal sealed partial class ErrorTail(ILogger logger, string server)
{
    private const int KeptLines = 10;
    private const int LongestLine = 2000;

    private readonly Queue<string> _lines = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>The last lines, joined; empty when nothing was written.</summary>
    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>The exit code of the server's program; <c>null</c> while it runs and for a server with an address.</summary>
    public int? ExitCode { get; set; }

    /// <summary>Reads a stream to its end; lines beyond a length are cut, with a mark.</summary>
    public void Follow(Stream errors) => _reading = Task.Run(() => ReadAsync(errors));

    /// <summary>Waits for the end of the stream, or for as long as somebody who inherited it may be waited for.</summary>
    public Task FinishAsync(TimeSpan patience) => Task.WhenAny(_reading, Task.Delay(patience, TimeProvider.System));

    private async Task ReadAsync(Stream errors)
    {
        var line = new StringBuilder();
        var buffer = new char[1024];
        try
        {
            using var reader = new StreamReader(errors, Encoding.UTF8);
            while (await reader.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                foreach (char next in buffer.AsSpan(0, count))
                {
                    if (next == '\n') Finish(line);
                    else if (line.Length < LongestLine) line.Append(next);
                    else if (line.Length == LongestLine) line.Append('…');
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The server is being ended.
            return;
        }

        if (line.Length > 0) Finish(line);
    }

    private void Finish(StringBuilder line)
    {
        Add(line.ToString().TrimEnd('\r'));
        line.Clear();
    }

    private void Add(string line)
    {
        LogLine(server, line);
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
                _lines.Dequeue();
        }
    }

    [LoggerMessage(LogLevel.Information, "{Server}: {Line}")]
    private partial void LogLine(string server, string line);
}
