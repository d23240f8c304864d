using System.CommandLine;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Tools;
using AgentKit.Models;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace AgentKit.Cli.Mcp;

/// <summary><c>agentkit mcp tools</c>: what an MCP server offers.</summary>
internal static class McpToolsCommand
{
    private static readonly Option<string> Server = ServerOption.Create();

    private static readonly Option<string?> Config = ServerLookup.Option();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("tools", "List the tools of an MCP server; with -m, also the tokens their schemas take in that model's prompts.") { Server, Config },
        "agentkit mcp tools --server \"agentkit mcp serve --root .\" -m nano",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using McpToolConnection connection = await ServerOption.ConnectAsync(context, Server, Config);
        (IReadOnlyDictionary<string, int> tokens, int? total) = await CountAsync(context, connection.Tools);
        McpToolsJson.Tool[] tools = [.. connection.Tools.Select(tool => Describe(tool, tokens))];
        context.WriteJson(new McpToolsJson(connection.ServerName, connection.ServerVersion, connection.ProtocolVersion, tools, total));
        context.Screen.Show(Table(tools, total is not null));
        if (total is not null) context.Screen.ShowLine($"Together they take {total} tokens of every prompt of {Markup.Escape(context.Model)}.");
        return ExitCode.Done;
    }

    /// <summary>What the schemas cost in a model's prompts, when the user names a model.</summary>
    private static async Task<(IReadOnlyDictionary<string, int> Each, int? Total)> CountAsync(CommandContext context, IReadOnlyList<AIFunction> tools)
    {
        if (!context.ModelIsGiven) return (new Dictionary<string, int>(), null);
        await using LocalModel model = ModelOpener.Open(context, new LocalModelOptions());
        return (ToolTokens.Count(model, tools), ToolTokens.Total(model, tools));
    }

    private static Table Table(McpToolsJson.Tool[] tools, bool withTokens)
    {
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumn("tool").AddColumn("parameters").AddColumn("effect");
        if (withTokens) table.AddColumn("tokens");
        table.AddColumn("description");
        foreach (McpToolsJson.Tool tool in tools)
        {
            string[] cost = withTokens ? [$"{tool.Tokens}"] : [];
            string[] cells = [tool.Name, Parameters(tool.Parameters), tool.SideEffect, .. cost, tool.Description];
            table.AddRow(Array.ConvertAll(cells, Markup.Escape));
        }

        return table;
    }

    private static McpToolsJson.Tool Describe(AIFunction tool, IReadOnlyDictionary<string, int> tokens)
    {
        ToolContract contract = ToolContract.Of(tool);
        int? cost = tokens.TryGetValue(tool.Name, out int counted) ? counted : null;
        return new(tool.Name, tool.Description, tool.JsonSchema, SnakeCase(contract.SideEffect), SnakeCase(contract.Replay), cost);
    }

    /// <summary>A value as it is written in documents.</summary>
    internal static string SnakeCase(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Parameters(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement properties)
            ? string.Join(", ", properties.EnumerateObject().Select(property => property.Name))
            : "";
}
