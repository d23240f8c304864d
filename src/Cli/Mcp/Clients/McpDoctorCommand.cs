using System.CommandLine;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Cli.Doctor;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary><c>agentkit mcp doctor</c>: starts a server the way a client does and says what the client would stumble over.</summary>
internal static class McpDoctorCommand
{
    private static readonly Option<string> Client = McpConfigCommand.ClientOption(required: true);

    public static Command Create(CommandHost host) => host.Handle(
        new Command("doctor", "Start a client's MCP server the way the client does, and say what is wrong.") { Client, McpConfigCommand.User, McpConfigCommand.ServerName },
        "agentkit mcp doctor --client claude-desktop",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        McpClient client = McpClients.Find(context.Parse.GetValue(Client)!);
        string name = context.Parse.GetValue(McpConfigCommand.ServerName)!;
        string project = Directory.GetCurrentDirectory();
        string file = client.File(context.Parse.GetValue(McpConfigCommand.User), project);
        var checks = new List<DoctorCheck>();
        await foreach (DoctorCheck check in ChecksAsync(context, client, file, name, project))
        {
            DoctorCheck said = check.Ok ? check with { Mend = null } : check;
            checks.Add(said);
            DoctorCommand.Show(context, said);
        }

        context.WriteJson(new DoctorJson(checks));
        return checks.TrueForAll(check => check.Ok || !check.Required) ? ExitCode.Done : ExitCode.Failed;
    }

    private static async IAsyncEnumerable<DoctorCheck> ChecksAsync(CommandContext context, McpClient client, string file, string name, string project)
    {
        (DoctorCheck found, ServerLaunch? launch) = Read(client, file, name);
        yield return found;
        if (launch is null) yield break;
        // A client for all projects starts its servers somewhere else than in a project.
        string folder = client.ProjectFile is null ? Path.GetPathRoot(project)! : project;
        await foreach (DoctorCheck check in new ServerChecks(client, name, launch, context.Time).RunAsync(folder, context.Stop)) yield return check;
    }

    private static (DoctorCheck Check, ServerLaunch? Launch) Read(McpClient client, string file, string name)
    {
        string mend = $"agentkit mcp config --client {client.Name} --write";
        try
        {
            if (new ConfigFile(client, file).Entry(name) is not { } entry)
                return (new("config", false, $"{file} has no server '{name}' under \"{client.ServersKey}\"", mend), null);
            return Launch(entry) is { } launch
                ? (new("config", true, $"{file} has the server '{name}'"), launch)
                : (new("config", false, $"{file}: the server '{name}' needs a text \"command\", texts in \"args\" and texts in \"env\"", mend), null);
        }
        catch (UserInputException e)
        {
            return (new("config", false, e.Message, "mend the file by hand, then try again"), null);
        }
    }

    private static ServerLaunch? Launch(JsonObject entry)
    {
        List<string?> arguments = [.. (entry["args"] as JsonArray ?? []).Select(Text)];
        Dictionary<string, string?> environment = (entry["env"] as JsonObject ?? []).ToDictionary(variable => variable.Key, variable => Text(variable.Value));
        return Text(entry["command"]) is { Length: > 0 } command && !arguments.Contains(null) && !environment.ContainsValue(null)
            ? new(command, arguments!, environment!)
            : null;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
