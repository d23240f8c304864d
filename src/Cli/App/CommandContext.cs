using System.CommandLine;
using AgentKit.Cli.Output;
using Microsoft.Extensions.Logging;

namespace AgentKit.Cli.App;

/// <summary>What a command is given when it runs.</summary>
internal sealed class CommandContext
{
    public CommandContext(ParseResult parse, GlobalOptions options, Terminal terminal, Interrupts interrupts, TimeProvider time)
    {
        Parse = parse;
        Terminal = terminal;
        Interrupts = interrupts;
        Time = time;
        Json = parse.GetValue(options.Json);
        Quiet = parse.GetValue(options.Quiet);
        Verbose = parse.GetValue(options.Verbose);
        Model = parse.GetValue(options.Model) ?? "";
        ModelIsGiven = parse.GetResult(options.Model) is { Implicit: false };
        Data = DataDirectory.Resolve(parse.GetValue(options.Data), Environment.GetEnvironmentVariable);
        Screen = new(terminal, Json, Quiet);
        Loggers = new ErrorStreamLoggers(terminal.Error, Verbose, Quiet);
    }

    public ParseResult Parse { get; }

    public Terminal Terminal { get; }

    public Screen Screen { get; }

    public Interrupts Interrupts { get; }

    public TimeProvider Time { get; }

    public bool Json { get; }

    public bool Quiet { get; }

    public bool Verbose { get; }

    /// <summary>
    /// The value of <c>--model</c>, not looked up yet. A run that is taken up again brings its own when the user names none.
    /// </summary>
    public string Model { get; set; }

    /// <summary>Whether the user named a model.</summary>
    public bool ModelIsGiven { get; }

    public DataDirectory Data { get; }

    public CancellationToken Stop => Interrupts.Stop;

    /// <summary>Logs on standard error.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Prints the command's one JSON document if <c>--json</c> was given.</summary>
    public void WriteJson<T>(T result)
    {
        if (Json) JsonOutput.Write(Terminal.Out, result);
    }
}
