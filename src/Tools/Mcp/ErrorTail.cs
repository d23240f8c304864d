using Microsoft.Extensions.Logging;

namespace AgentKit.Tools.Mcp;

/// <summary>Passes a server's standard error on to the log and keeps its last lines for the message of a failed start.</summary>
internal sealed partial class ErrorTail(ILogger logger, string server)
{
    private const int KeptLines = 10;

    private readonly Queue<string> _lines = new();

    /// <summary>The last lines, joined; empty when nothing was written.</summary>
    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public void Add(string line)
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
