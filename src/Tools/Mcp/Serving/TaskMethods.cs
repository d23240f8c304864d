using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>The tasks extension: how a task is written, and the methods that poll, answer and cancel one.</summary>
internal sealed class TaskMethods(IReadOnlyList<McpTasks> keepers)
{
    /// <summary>The extension's name among capabilities.</summary>
    public const string Extension = "io.modelcontextprotocol/tasks";

    private static readonly Dictionary<McpTaskStatus, string> Names =
        Enum.GetValues<McpTaskStatus>().ToDictionary(status => status, status => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString()));

    public IReadOnlyList<McpServerRequestHandler> Handlers =>
    [
        Handler("tasks/get", GetAsync),
        Handler("tasks/update", UpdateAsync),
        Handler("tasks/cancel", CancelAsync),
    ];

    public static bool IsKnownTo(ClientCapabilities? client) => client?.Extensions?.ContainsKey(Extension) ?? false;

    public static MissingRequiredClientCapabilityException Missing() => new(
        new ClientCapabilities { Extensions = new Dictionary<string, object> { [Extension] = new JsonObject() } },
        $"the client must declare the extension {Extension}");

    public static ResultOrAlternate<CallToolResult> Created(McpTask task, TimeSpan poll) => ResultOrAlternate<CallToolResult>.FromAlternate(
        new CreateTaskResult
        {
            ResultType = "task",
            TaskId = task.Id,
            Status = Names[task.Status],
            CreatedAt = Time(task.Created),
            LastUpdatedAt = Time(task.Updated),
            TtlMs = Milliseconds(task.TimeToLive),
            PollIntervalMs = (long)poll.TotalMilliseconds,
        },
        ServingJson.Default.CreateTaskResult);

    private static McpServerRequestHandler Handler(string method, Func<JsonRpcRequest, string, CancellationToken, ValueTask<JsonNode?>> handle) => new()
    {
        Method = method,
        RoutingNameParameter = "taskId",
        Handler = (request, cancellation) => IsKnownTo(request.Context?.ClientCapabilities)
            ? handle(request, IdOf(request), cancellation)
            : throw Missing(),
    };

    private async ValueTask<JsonNode?> GetAsync(JsonRpcRequest request, string id, CancellationToken cancellationToken)
    {
        (McpTasks keeper, McpTask task) = await FindAsync(request, id, cancellationToken).ConfigureAwait(false);
        var json = new JsonObject
        {
            ["resultType"] = "complete",
            ["taskId"] = task.Id,
            ["status"] = Names[task.Status],
            ["createdAt"] = Time(task.Created),
            ["lastUpdatedAt"] = Time(task.Updated),
            ["ttlMs"] = Milliseconds(task.TimeToLive),
            ["pollIntervalMs"] = (long)keeper.PollInterval.TotalMilliseconds,
        };
        if (task.Message is not null) json["statusMessage"] = task.Message;
        if (task.Result is not null) json["result"] = Node(task.Result);
        if (task.Error is not null) json["error"] = Node(task.Error);
        if (task.Questions.Count > 0) json["inputRequests"] = Node(task.Questions.ToDictionary() as IDictionary<string, InputRequest>);
        return json;
    }

    private async ValueTask<JsonNode?> UpdateAsync(JsonRpcRequest request, string id, CancellationToken cancellationToken)
    {
        (McpTasks keeper, _) = await FindAsync(request, id, cancellationToken).ConfigureAwait(false);
        if ((request.Params as JsonObject)?["inputResponses"] is not JsonObject responses)
            throw new McpProtocolException("inputResponses must be an object", McpErrorCode.InvalidParams);
        var answers = responses.Where(response => response.Value is not null).ToDictionary(
            response => response.Key, response => response.Value.Deserialize<InputResponse>(McpJsonUtilities.DefaultOptions)!);
        await keeper.AnswerAsync(id, UserOf(request), answers, cancellationToken).ConfigureAwait(false);
        return Acknowledged();
    }

    private async ValueTask<JsonNode?> CancelAsync(JsonRpcRequest request, string id, CancellationToken cancellationToken)
    {
        (McpTasks keeper, _) = await FindAsync(request, id, cancellationToken).ConfigureAwait(false);
        await keeper.CancelAsync(id, UserOf(request), cancellationToken).ConfigureAwait(false);
        return Acknowledged();
    }

    private async ValueTask<(McpTasks Keeper, McpTask Task)> FindAsync(JsonRpcRequest request, string id, CancellationToken cancellationToken)
    {
        foreach (McpTasks keeper in keepers)
        {
            if (await keeper.FindAsync(id, UserOf(request), cancellationToken).ConfigureAwait(false) is { } task) return (keeper, task);
        }

        throw new McpProtocolException("there is no such task", McpErrorCode.InvalidParams);
    }

    private static string IdOf(JsonRpcRequest request) =>
        request.Params is JsonObject parameters && parameters["taskId"] is JsonValue value && value.TryGetValue(out string? id)
            ? id
            : throw new McpProtocolException("taskId must be a string", McpErrorCode.InvalidParams);

    private static string? UserOf(JsonRpcRequest request) => McpCall.NameOf(request.Context?.User);

    private static JsonObject Acknowledged() => new() { ["resultType"] = "complete" };

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, McpJsonUtilities.DefaultOptions);

    private static long? Milliseconds(TimeSpan? time) => time is { } span ? (long)span.TotalMilliseconds : null;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
