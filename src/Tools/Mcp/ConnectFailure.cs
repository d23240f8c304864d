using System.ComponentModel;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using ModelContextProtocol;

namespace AgentKit.Tools.Mcp;

/// <summary>Says why a server could not be connected to, in the user's terms.</summary>
internal static class ConnectFailure
{
    /// <summary>The fault to show; <c>null</c> when the failure is not the server's or the user's doing.</summary>
    public static UserInputException? Explain(McpServerSpec spec, Exception failure, ErrorTail errors)
    {
        if (failure is not (McpException or IOException or HttpRequestException or OperationCanceledException or TimeoutException
            or JsonException or ArgumentException))
            return null;
        var chain = Chain(failure).ToList();
        var written = errors.Text;
        var tail = written.Length == 0 ? "" : $"\nIt wrote:\n{written}";
        return new UserInputException(spec.Option, $"{spec.Option} '{spec.Text}': {Reason(spec, chain, errors.ExitCode)}{tail}", failure);
    }

    private static string Reason(McpServerSpec spec, List<Exception> chain, int? exit)
    {
        if (spec.Command is not null && chain.OfType<Win32Exception>().LastOrDefault() is { } start)
            return $"the program '{spec.Command}' cannot be started: {start.Message}";
        if (exit is { } code)
            return $"the program ended with exit code {code} before it answered";
        if (chain.OfType<HttpRequestException>().LastOrDefault() is { } request)
            return $"the address does not answer: {request.Message}";
        if (chain.Any(e => e is OperationCanceledException or TimeoutException))
            return $"no answer within {spec.ConnectTimeout.TotalSeconds:0.#} seconds; does it speak MCP?";
        return $"it does not speak MCP as expected: {chain[^1].Message}";
    }

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            yield return exception;
    }
}
