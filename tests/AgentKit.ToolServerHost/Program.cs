// A tool server that the slow tests start as a child process; its first argument says how it behaves.
using System.Diagnostics;
using System.Runtime.InteropServices;
using AgentKit.ToolServerHost;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;
using Microsoft.Extensions.AI;

var (input, output) = (Console.OpenStandardInput(), Console.OpenStandardOutput());
switch (args[0])
{
    case "crash":
        Console.Error.WriteLine("cannot open the database");
        Console.Error.WriteLine("is another server running?");
        return 3;
    case "babble":
        Console.WriteLine("Welcome to a program that is no MCP server.");
        await input.CopyToAsync(Stream.Null);
        return 0;
    case "stubborn":
        // Starts others, one of them in a session of its own, and heeds neither the end of its input nor a request to end.
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true))
        {
            int child = Process.Start("sleep", "600").Id, away = Process.Start("setsid", ["sleep", "600"]).Id;
            await File.WriteAllTextAsync(args[1] + ".part", $"{Environment.ProcessId} {child} {away}");
            File.Move(args[1] + ".part", args[1]);
            await new McpToolServer([AIFunctionFactory.Create(() => "here", "ping")]).RunAsync(input, output);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
            return 0;
        }

    case "conformance":
        return await ConformanceClient.RunAsync(args[^1]);

    case "client":
        // Connects to a server and waits to be killed.
        await using (await McpHub.ConnectAsync([new McpServerEntry("s", McpServerSpec.Parse(args[1]))]))
        {
            Console.WriteLine("connected");
            await input.CopyToAsync(Stream.Null);
        }

        return 0;
}

Console.SetOut(Console.Error);
Console.Error.WriteLine("the server is ready");
AIFunction[] tools =
[
    .. BuiltInTools.Create(new BuiltInToolsOptions { Root = args[1] }),
    AIFunctionFactory.Create(() => string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>()), "variables"),
    AIFunctionFactory.Create(() => { Console.WriteLine("a stray line"); return "printed"; }, "print"),
    AIFunctionFactory.Create(() => Environment.Exit(5), "exit"),
    AIFunctionFactory.Create(() => $"{Environment.ProcessId} {Process.Start("sleep", "600").Id}", "spawn"),
];
await new McpToolServer(tools).RunAsync(input, output);
return 0;
