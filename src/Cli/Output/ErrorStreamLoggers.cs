using Microsoft.Extensions.Logging;

namespace AgentKit.Cli.Output;

/// <summary>
/// Logs on standard error, a line each, in the form of the other messages there. Without <c>--verbose</c> only AgentKit's own warnings
/// appear and no exception is written out: what the user has to know is said by the command itself.
/// </summary>
internal sealed class ErrorStreamLoggers(TextWriter error, bool verbose, bool quiet) : ILoggerFactory
{
    private readonly Lock _oneLine = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName, Least(categoryName));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Logs go to standard error only.");

    public void Dispose()
    {
    }

    private LogLevel Least(string category) =>
        verbose ? LogLevel.Debug
        : !category.StartsWith("AgentKit", StringComparison.Ordinal) ? LogLevel.None
        : quiet ? LogLevel.Error
        : LogLevel.Warning;

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        string line = $"{level.ToString().ToLowerInvariant()}: {category}: {message.ReplaceLineEndings(" ")}";
        lock (_oneLine)
        {
            error.WriteLine(line);
            if (verbose && exception is not null) error.WriteLine(exception);
        }
    }

    private sealed class Logger(ErrorStreamLoggers owner, string category, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) owner.Write(logLevel, category, formatter(state, exception), exception);
        }
    }
}
