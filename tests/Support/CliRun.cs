using AgentKit.Cli.App;
using AgentKit.Cli.Output;

namespace AgentKit.Testing;

/// <summary>What one command in this process printed, with no terminal attached.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public static Task<CliRun> OfAsync(params string[] args) => OfAsync("", args);

    public static async Task<CliRun> OfAsync(string input, string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        using var terminal = new Terminal(new StringReader(input), output, error);
        int exitCode = await new CommandLineApp(terminal, TimeProvider.System).RunAsync(args);
        return new(exitCode, output.ToString(), error.ToString());
    }
}
