using System.CommandLine;
using AgentKit.Cli.Otlp;
using AgentKit.Cli.Output;

namespace AgentKit.Cli.App;

/// <summary>Ties commands to the process: streams, interrupts, time and the options everywhere.</summary>
internal sealed class CommandHost(Terminal terminal, Interrupts interrupts, TimeProvider time)
{
    private readonly Dictionary<Command, string> _examples = [];

    public GlobalOptions Options { get; } = new();

    /// <summary>For each command that does something, a line that can be copied.</summary>
    public IReadOnlyDictionary<Command, string> Examples => _examples;

    /// <summary>Sets what a command does; exceptions become exit codes in <see cref="CommandLineApp"/>.</summary>
    public Command Handle(Command command, string example, Func<CommandContext, Task<int>> action)
    {
        _examples.Add(command, example);
        command.SetAction(async (parse, _) =>
        {
            var context = new CommandContext(parse, Options, terminal, interrupts, time);
            using OtlpExport? export = OtlpExport.Start(context, parse.GetValue(Options.Otlp));
            return await action(context);
        });
        return command;
    }
}
