using System.CommandLine;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace AgentKit.Cli.Mcp;

/// <summary><c>agentkit mcp tools</c>: what an MCP server offers.</summary>
internal static class McpToolsCommand
{
    private static readonly Option<string> Server = ServerOption.Create();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("tools", "List the tools of an MCP server.") { Server },
        "agentkit mcp tools --server \"agentkit mcp serve --root .\"",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using McpToolConnection connection = await ServerOption.ConnectAsync(context, Server);
        McpToolsJson.Tool[] tools = [.. connection.Tools.Select(Describe)];
        context.WriteJson(new McpToolsJson(connection.ServerName, connection.ServerVersion, connection.ProtocolVersion, tools));
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumn("tool").AddColumn("parameters").AddColumn("effect").AddColumn("description");
        foreach (McpToolsJson.Tool tool in tools)
        {
            string[] cells = [tool.Name, Parameters(tool.Parameters), tool.SideEffect, tool.Description];
            table.AddRow(Array.ConvertAll(cells, Markup.Escape));
        }


        context.Screen.Show(table);
        return ExitCode.Done;
    }

    private static McpToolsJson.Tool Describe(AIFunction tool)
    {
        ToolContract contract = ToolContract.Of(tool);
        return new(tool.Name, tool.Description, tool.JsonSchema, SnakeCase(contract.SideEffect), SnakeCase(contract.Replay));
    }

    private static string SnakeCase(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Parameters(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement properties)
            ? string.Join(", ", properties.EnumerateObject().Select(property => property.Name))
            : "";
}
