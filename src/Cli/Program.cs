using AgentKit.Cli.App;
using AgentKit.Cli.Output;

using var terminal = Terminal.OfProcess();
return await new CommandLineApp(terminal, TimeProvider.System).RunAsync(args);
