using System.Text.Json.Nodes;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>An IDE or assistant that starts MCP servers, and what it wants to be told.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="ServersKey">The property of its configuration file that holds the servers.</param>
/// <param name="ProjectFile">Its file within a project, relative to the project's folder; <c>null</c> when it has none.</param>
/// <param name="UserFile">Its file for all projects of a user.</param>
/// <param name="AllowsComments">Whether its file may hold comments and trailing commas.</param>
/// <param name="StartLimit">How long it waits for a server's first answer.</param>
/// <param name="InheritsEnvironment">Whether a server sees the user's environment variables, not only the few every program needs.</param>
/// <param name="LongestName">Most characters of a server's and a tool's name together before the client complains.</param>
/// <param name="MostTools">Tools beyond this number make the client refuse requests or choose badly.</param>
internal sealed record McpClient(
    string Name, string Title, string ServersKey, string? ProjectFile, Func<string> UserFile, bool AllowsComments,
    TimeSpan StartLimit, bool InheritsEnvironment, int LongestName, int MostTools)
{
    /// <summary>Further properties that the client wants in the entry of a server, in this order before the command.</summary>
    public IReadOnlyDictionary<string, JsonNode> Extras { get; init; } = new Dictionary<string, JsonNode>();

    /// <summary>Something a user of this client should know.</summary>
    public string? Note { get; init; }

    /// <summary>The file to read or write.</summary>
    /// <param name="user">The file for all projects, also when there is one for this project.</param>
    /// <param name="project">The project's folder.</param>
    public string File(bool user, string project) =>
        user || ProjectFile is null ? UserFile() : Path.Combine(project, ProjectFile.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>What the client's file holds for a server.</summary>
    public JsonObject Entry(ServerLaunch launch)
    {
        JsonObject entry = [];
        foreach ((string name, JsonNode value) in Extras) entry[name] = value.DeepClone();
        entry["command"] = launch.Command;
        entry["args"] = new JsonArray([.. launch.Arguments.Select(argument => JsonValue.Create(argument))]);
        entry["env"] = new JsonObject(launch.Environment.Select(variable => KeyValuePair.Create(variable.Key, (JsonNode?)JsonValue.Create(variable.Value))));
        return entry;
    }
}
