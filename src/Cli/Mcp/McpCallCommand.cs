using System.CommandLine;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp;

namespace AgentKit.Cli.Mcp;

/// <summary><c>agentkit mcp call</c>: one call of one tool.</summary>
internal static class McpCallCommand
{
    private static readonly Option<string> Server = ServerOption.Create();

    private static readonly Option<string?> Config = ServerLookup.Option();

    private static readonly Argument<string> Tool = new("TOOL") { Description = "The tool's name." };

    private static readonly Argument<string> Arguments = new("JSON")
    {
        Description = "The arguments as a JSON object.",
        DefaultValueFactory = _ => "{}",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("call", "Call a tool of an MCP server and print its result.") { Tool, Arguments, Server, Config },
        "agentkit mcp call calculator '{\"expression\": \"2 + 3\"}' --server \"agentkit mcp serve\"",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string tool = context.Parse.GetValue(Tool)!;
        JsonElement arguments = Parse(context.Parse.GetValue(Arguments)!);
        await using McpToolConnection connection = await ServerOption.ConnectAsync(context, Server, Config);
        if (!connection.Tools.Any(known => known.Name == tool))
        {
            string names = string.Join(", ", connection.Tools.Select(known => known.Name));
            throw new UserInputException("TOOL", $"TOOL: the server has no tool '{tool}'; it has {names}.");
        }

        long started = context.Time.GetTimestamp();
        double Elapsed() => Math.Round(context.Time.GetElapsedTime(started).TotalMilliseconds, 3);
        try
        {
            string result = await connection.CallAsync(tool, arguments, context.Stop);
            context.Screen.WriteLine(result);
            context.WriteJson(new McpCallJson(tool, result, null, Elapsed()));
            return ExitCode.Done;
        }
        catch (ToolException e)
        {
            context.Screen.Notice($"error: {tool}: {e.Message}");
            context.WriteJson(new McpCallJson(tool, null, e.Message, Elapsed()));
            return ExitCode.Failed;
        }
    }

    private static JsonElement Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new UserInputException(
                    "JSON", $"JSON is {document.RootElement.ValueKind}; an object such as {{\"path\": \".\"}} is expected.");
        }
        catch (JsonException e)
        {
            throw new UserInputException("JSON", $"JSON is not valid: {e.Message}", e);
        }
    }
}
