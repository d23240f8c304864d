using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
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
            : string.Join(" ", parse.Errors.Select(Describe).Distinct());
        string? field = parse.Errors.Select(error => OptionOf(error.SymbolResult)).FirstOrDefault(option => option is not null);
        string allowed = command.Subcommands.Count > 0 ? $" Commands: {string.Join(", ", command.Subcommands.Select(c => c.Name))}." : "";
        return ErrorReport.WriteInput(terminal, field, $"{errors}{allowed} See '{path} --help'.", json);
    }

    /// <summary>The parser's message on one line, with the option that it is about.</summary>
    private static string Describe(ParseError error)
    {
        if (error.SymbolResult is OptionResult { Tokens: [var value] } given && Allowed(given.Option.ValueType) is { } allowed)
            return $"{given.Option.Name} is '{value.Value}'; {allowed} is expected.";
        string message = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return OptionOf(error.SymbolResult) is { } option && !message.Contains(option, StringComparison.Ordinal) ? $"{option}: {message}" : message;
    }

    /// <summary>What an option of numbers takes, for those whom a type of .NET tells nothing.</summary>
    private static string? Allowed(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt32 => "a whole number",
        TypeCode.Double => "a number",
        _ => null,
    };

    private static string? OptionOf(SymbolResult? result) => result switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult { Parent: OptionResult option } => option.Option.Name,
        _ => null,
    };
}
