using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;

namespace AgentKit.Cli.Mcp.Servers;

/// <summary>
/// The MCP servers of <c>agentkit.json</c>: in the current folder, else in the state directory, or the file that <c>--config</c> names.
/// A server in it is started only when the user names it and has approved it.
/// </summary>
internal sealed partial class ServersFile
{
    /// <summary>The file's name.</summary>
    public const string FileName = "agentkit.json";

    private const string Field = "--config";

    private static readonly string[] Members =
        ["command", "args", "env", "cwd", "url", "headers", "type", "tools", "prefix", "timeout_seconds"];

    private static readonly string[] HubMembers = ["most_tools", "call_timeout_seconds"];

    private readonly JsonObject _servers;

    private ServersFile(string path, JsonObject servers, McpHubOptions limits) => (Path, _servers, Limits) = (path, servers, limits);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Limits that the file sets.</summary>
    public McpHubOptions Limits { get; }

    /// <summary>The names of its servers.</summary>
    public IEnumerable<string> Names => _servers.Select(server => server.Key);

    /// <summary>Finds and reads the file.</summary>
    /// <param name="context">The command.</param>
    /// <param name="config">The value of <c>--config</c>, if it was given.</param>
    /// <returns><c>null</c> when there is none.</returns>
    /// <exception cref="UserInputException">It cannot be read or is malformed.</exception>
    public static ServersFile? Find(CommandContext context, string? config)
    {
        string[] places = config is null ? [FileName, System.IO.Path.Combine(context.Data.Path, FileName)] : [config];
        string? path = config ?? places.FirstOrDefault(File.Exists);
        return path is null ? null : Read(System.IO.Path.GetFullPath(path));
    }

    /// <exception cref="UserInputException">It cannot be read or is malformed.</exception>
    public static ServersFile Read(string path)
    {
        if (JsonFile.Read(Field, path, comments: true) is not JsonObject root)
            throw Fault(path, "", "an object such as {\"mcpServers\": {\"files\": {\"command\": \"npx\", \"args\": [\"...\"]}}} is expected");
        JsonObject limits = ObjectOf(path, root, "mcp", "mcp");
        Known(path, limits, "mcp", HubMembers);
        var options = new McpHubOptions();
        int most = (int)NumberOf(path, limits, "mcp.most_tools", options.MostTools, 1, 1000);
        double seconds = NumberOf(path, limits, "mcp.call_timeout_seconds", options.CallTimeout.TotalSeconds, 1, 86_400);
        return new ServersFile(
            path,
            ObjectOf(path, root, "mcpServers", "mcpServers"),
            options with { MostTools = most, CallTimeout = TimeSpan.FromSeconds(seconds) });
    }

    /// <summary>A server of the file; <c>null</c> when it has none of that name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="environment">Where <c>${NAME}</c> comes from.</param>
    /// <param name="option">The option that names the server.</param>
    /// <exception cref="UserInputException">The entry is malformed, or a variable is not set.</exception>
    public McpServerEntry? Entry(string name, Func<string, string?> environment, string option)
    {
        if (!_servers.ContainsKey(name)) return null;
        string place = $"mcpServers.{name}";
        JsonObject server = _servers[name] as JsonObject ?? throw Fault(Path, place, "an object is expected");
        Known(Path, server, place, Members);
        string Expand(string text) => Variable().Replace(text, match => environment(match.Groups[1].Value)
            ?? throw Fault(Path, place, $"the environment variable {match.Groups[1].Value} is not set"));
        McpServerSpec spec = SpecOf(server, place, Expand, option) with
        {
            ConnectTimeout = TimeSpan.FromSeconds(NumberOf(Path, server, $"{place}.timeout_seconds", 60, 1, 3600)),
        };
        return new McpServerEntry(name, spec)
        {
            Source = name,
            Trust = McpTrust.Approved,
            PrefixesNames = FlagOf(server, "prefix", place, fallback: true),
            Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(server.ToJsonString()))),
            Tools = TextsOf(server, "tools", place).ToDictionary(rule => rule.Key, rule => AnswerOf(rule.Value, $"{place}.tools.{rule.Key}")),
        };
    }

    private McpServerSpec SpecOf(JsonObject server, string place, Func<string, string> expand, string option)
    {
        string? command = TextOf(server, "command", place), url = TextOf(server, "url", place);
        if ((command is null) == (url is null)) throw Fault(Path, place, "\"command\" or \"url\" is needed, and only one of them");
        if (url is not null)
        {
            return McpServerSpec.Parse(expand(url), option) is { Url: not null } reached
                ? reached with { Headers = TextsOf(server, "headers", place).ToDictionary(header => header.Key, header => expand(header.Value)) }
                : throw Fault(Path, $"{place}.url", "an http or https address is expected");
        }

        if (server["args"] is not (null or JsonArray)) throw Fault(Path, $"{place}.args", "an array of texts is expected");
        List<string> arguments = [];
        foreach (JsonNode? argument in server["args"] as JsonArray ?? [])
            arguments.Add(expand(Text(argument) ?? throw Fault(Path, $"{place}.args", "an array of texts is expected")));
        string folder = System.IO.Path.GetDirectoryName(Path)!;
        return McpServerSpec.OfCommand(expand(command!), arguments, option) with
        {
            WorkingDirectory = TextOf(server, "cwd", place) is { } cwd ? System.IO.Path.GetFullPath(expand(cwd), folder) : folder,
            Environment = TextsOf(server, "env", place).ToDictionary(variable => variable.Key, variable => expand(variable.Value)),
        };
    }

    private ApprovalAnswer AnswerOf(string answer, string place) => answer switch
    {
        "allow" => ApprovalAnswer.Allow,
        "ask" => ApprovalAnswer.Ask,
        "deny" => ApprovalAnswer.Deny,
        _ => throw Fault(Path, place, $"allow, ask or deny is expected, found '{answer}'"),
    };

    private Dictionary<string, string> TextsOf(JsonObject server, string member, string place) =>
        ObjectOf(Path, server, member, $"{place}.{member}").ToDictionary(
            pair => pair.Key, pair => Text(pair.Value) ?? throw Fault(Path, $"{place}.{member}.{pair.Key}", "a text is expected"));

    private string? TextOf(JsonObject server, string member, string place) =>
        !server.ContainsKey(member) ? null : Text(server[member]) is { Length: > 0 } text ? text : throw Fault(Path, $"{place}.{member}", "a text is expected");

    private bool FlagOf(JsonObject server, string member, string place, bool fallback) =>
        !server.ContainsKey(member) ? fallback
        : server[member] is JsonValue value && value.TryGetValue(out bool flag) ? flag
        : throw Fault(Path, $"{place}.{member}", "true or false is expected");

    private static JsonObject ObjectOf(string path, JsonObject parent, string member, string place) => parent[member] switch
    {
        null when !parent.ContainsKey(member) => [],
        JsonObject value => value,
        _ => throw Fault(path, place, "an object is expected"),
    };

    private static double NumberOf(string path, JsonObject parent, string place, double fallback, double least, double most)
    {
        string member = place[(place.LastIndexOf('.') + 1)..];
        if (!parent.ContainsKey(member)) return fallback;
        return parent[member] is JsonValue value && value.TryGetValue(out double number) && number >= least && number <= most
            ? number
            : throw Fault(path, place, $"a number from {least:0} to {most:0} is expected, found {parent[member]?.ToJsonString() ?? "null"}");
    }

    private static void Known(string path, JsonObject value, string place, string[] members)
    {
        if (value.Select(member => member.Key).FirstOrDefault(name => !members.Contains(name)) is { } unknown)
            throw Fault(path, $"{place}.{unknown}", $"there is no such setting; known are {string.Join(", ", members)}");
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static UserInputException Fault(string path, string place, string what) =>
        new(Field, $"{path}{(place.Length == 0 ? "" : $": {place}")}: {what}");

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Variable();
}
