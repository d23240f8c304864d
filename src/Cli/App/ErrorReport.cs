using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Stores;
using AgentKit.Models;
using AgentKit.Models.Hub;
using AgentKit.Models.Templates;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.App;

/// <summary>Turns a failure into one paragraph on standard error and an exit code.</summary>
internal static class ErrorReport
{
    /// <summary>Reports an exception that ended the command.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(Terminal terminal, Exception exception, bool json, bool verbose)
    {
        switch (exception)
        {
            case UserInputException input:
                string message = input.Message.Contains(input.Field, StringComparison.Ordinal)
                    ? input.Message
                    : $"{input.Field}: {input.Message}";
                return WriteInput(terminal, input.Field, message, json);
            case JournalConflictException:
                Write(terminal, null, $"{exception.Message} Another process was quicker; 'agentkit runs show' tells where the run stands.", json);
                return ExitCode.Failed;
            case ToolException or ModelOutputException or NativeRuntimeException or TemplateException or HubException or TrainingException or VectorStoreException:
                Write(terminal, null, exception.Message, json);
                return ExitCode.Failed;
            // A full disk, a folder without the right to write: not what was asked for, and no fault of ours.
            case IOException or UnauthorizedAccessException:
                Write(terminal, null, $"a file cannot be read or written: {exception.Message}", json);
                if (verbose) terminal.Error.WriteLine(exception);
                return ExitCode.Failed;
            default:
                Write(terminal, null, Unexpected(exception, verbose), json);
                if (verbose) terminal.Error.WriteLine(exception);
                return ExitCode.Failed;
        }
    }

    /// <summary>Reports wrong usage or input.</summary>
    /// <returns>The exit code.</returns>
    public static int WriteInput(Terminal terminal, string? field, string message, bool json)
    {
        Write(terminal, field, message, json);
        return ExitCode.WrongInput;
    }

    private static string Unexpected(Exception exception, bool verbose) =>
        $"unexpected {exception.GetType().Name}: {exception.Message.TrimEnd('.')}. "
        + (verbose ? "" : "Run again with --verbose for the stack trace. ")
        + "This is a fault of agentkit: please report it (CONTRIBUTING.md) with the output of 'agentkit doctor --json'.";

    private static void Write(Terminal terminal, string? field, string message, bool json)
    {
        terminal.Error.WriteLine($"error: {message.ReplaceLineEndings(" ")}");
        if (json) JsonOutput.Write(terminal.Out, new ErrorJson(new(field, message)));
    }
}
