using System.Text;
using Spectre.Console;

namespace AgentKit.Cli.Output;

/// <summary>The process's three streams and what is known about them.</summary>
internal sealed class Terminal(TextReader input, TextWriter output, TextWriter error) : IDisposable
{
    private const int PipedWidth = 160;

    public TextReader In { get; } = input;

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>These are the process's own streams, not those of a test or another host.</summary>
    public bool IsOfProcess { get; init; }

    /// <summary>A person can answer.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>A person reads the results.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>A person reads the progress.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The streams of this process, in UTF-8 without a byte order mark.</summary>
    public static Terminal OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new(
            Console.In,
            new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true })
        {
            IsOfProcess = true,
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
        };
    }

    /// <summary>A Spectre console on one of the two output streams.</summary>
    public IAnsiConsole Rich(bool standardOutput)
    {
        bool terminal = standardOutput ? OutIsTerminal : ErrorIsTerminal;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(standardOutput ? Out : Error),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!terminal) console.Profile.Width = PipedWidth;
        return console;
    }

    public void Dispose()
    {
        Out.Flush();
        Error.Flush();
    }
}
