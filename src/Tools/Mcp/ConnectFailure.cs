using System.ComponentModel;
using AgentKit.Kernel.Errors;
using ModelContextProtocol.Client;

namespace AgentKit.Tools.Mcp;

/// <summary>Says why a server could not be connected to, in the user's terms.</summary>
internal static class ConnectFailure
{
    public static UserInputException Explain(McpServerSpec spec, Exception failure, ErrorTail errors)
    {
        var chain = Chain(failure).ToList();
        var exit = chain.OfType<ClientTransportClosedException>().Select(closed => closed.Details).OfType<StdioClientCompletionDetails>().FirstOrDefault();
        var reason = chain switch
        {
            _ when chain.OfType<Win32Exception>().Any() => $"the program '{spec.Command}' cannot be started: {Last<Win32Exception>(chain)}",
            _ when exit?.ExitCode is { } code => $"the program ended with exit code {code} before it answered",
            _ when chain.OfType<HttpRequestException>().Any() => $"the address does not answer: {Last<HttpRequestException>(chain)}",
            _ when chain.Any(e => e is OperationCanceledException or TimeoutException) =>
                $"no answer within {spec.ConnectTimeout.TotalSeconds:0.#} seconds; does it speak MCP?",
            _ => $"it does not speak MCP as expected: {chain[^1].Message}",
        };
        var written = errors.Text;
        if (written.Length == 0)
            written = string.Join('\n', exit?.StandardErrorTail ?? []);
        var tail = written.Length == 0 ? "" : $"\nIt wrote:\n{written}";
        return new UserInputException(spec.Option, $"{spec.Option} '{spec.Text}': {reason}{tail}", failure);
    }

    private static string Last<T>(IEnumerable<Exception> chain)
        where T : Exception => chain.OfType<T>().Last().Message;

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            yield return exception;
    }
}
