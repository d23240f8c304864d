using System.CommandLine;
using System.CommandLine.Invocation;
using AgentKit.Cli.Output;

namespace AgentKit.Cli.App;

/// <summary>The command line: parses, runs one command, and turns every outcome into an exit code.</summary>
internal sealed class CommandLineApp(Terminal terminal, TimeProvider time)
{
    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        using var interrupts = new Interrupts();
        var host = new CommandHost(terminal, interrupts, time);
        ParseResult parse = CommandTree.Create(host).Parse(args.Count == 0 ? ["--help"] : args);
        bool json = args.Contains("--json");
        if (parse.Action is ParseErrorAction) return ReportUsage(parse, json);

        interrupts.Listen();
        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (OperationCanceledException) when (interrupts.Stop.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        catch (Exception e)
        {
            return ErrorReport.Write(terminal, e, json, parse.GetValue(host.Options.Verbose));
        }
    }

    private int ReportUsage(ParseResult parse, bool json)
    {
        Command command = parse.CommandResult.Command;
        string path = string.Join(' ', command.PathFromRoot());
        string errors = parse.UnmatchedTokens.Count > 0 && command.Subcommands.Count > 0
            ? $"'{parse.UnmatchedTokens[0]}' is not a command of {path}."
            : string.Join(" ", parse.Errors.Select(error => error.Message).Distinct());
        string allowed = command.Subcommands.Count > 0 ? $" Commands: {string.Join(", ", command.Subcommands.Select(c => c.Name))}." : "";
        return ErrorReport.WriteInput(terminal, null, $"{errors}{allowed} See '{path} --help'.", json);
    }
}
