using System.ComponentModel;
using System.Threading.Channels;
using AgentKit.Tools.Processes;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>Starts a server's program and speaks to it over its standard streams; ends it, with all it has started, with the session.</summary>
internal sealed class ProcessTransport(McpServerSpec spec, ErrorTail errors, ILoggerFactory loggers) : IClientTransport
{
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    public string Name => spec.Command!;

    /// <exception cref="IOException">The program cannot be started; the inner exception is the <see cref="Win32Exception"/>.</exception>
    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default)
    {
        ChildProcess process = Start();
        errors.Follow(process.Error);
        try
        {
            var streams = new StreamClientTransport(process.Input, new BoundedLines(process.Output), loggers);
            return new Session(await streams.ConnectAsync(cancellationToken).ConfigureAwait(false), process, errors);
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ChildProcess Start()
    {
        IDictionary<string, string?> environment = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach ((string name, string value) in spec.Environment) environment[name] = value;
        try
        {
            return ChildProcess.Start(spec.Command!, spec.Arguments, environment.AsReadOnly(), spec.WorkingDirectory);
        }
        catch (Win32Exception e)
        {
            throw new IOException($"the program '{spec.Command}' cannot be started", e);
        }
    }

    private sealed class Session(ITransport inner, ChildProcess process, ErrorTail errors) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default) =>
            inner.SendMessageAsync(message, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            errors.ExitCode = await OwnExitAsync().ConfigureAwait(false);
            // The reader would wait for bytes as long as the program lives, so the program goes first.
            await process.EndAsync().ConfigureAwait(false);
            await errors.FinishAsync(LastWords).ConfigureAwait(false);
            await inner.DisposeAsync().ConfigureAwait(false);
            await process.DisposeAsync().ConfigureAwait(false);
        }

        /// <summary>The exit code of a program that has ended by itself; it may have closed its output a moment before.</summary>
        private async Task<int?> OwnExitAsync()
        {
            if (!inner.MessageReader.Completion.IsCompleted) return process.ExitCode;
            using var patience = new CancellationTokenSource(LastWords);
            try
            {
                return await process.WaitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }
}
