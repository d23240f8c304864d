// A tool server that the slow tests start as a child process; its first argument says how it behaves.
using System.Diagnostics;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.Mcp;
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
