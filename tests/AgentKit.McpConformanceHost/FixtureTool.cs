using System.Text.Json;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.McpConformanceHost;

/// <summary>A tool made of a function.</summary>
internal sealed class FixtureTool(
    string name, string description, string schema, Func<AIFunctionArguments, McpCall, CancellationToken, ValueTask<object?>> run) : AIFunction
{
    public const string NoArguments = """{"type":"object","properties":{}}""";

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(schema);

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        run(arguments, McpCall.Find(arguments)!, cancellationToken);

    public static FixtureTool Simple(string name, string description, Func<object?> run) =>
        new(name, description, NoArguments, (_, _, _) => new(run()));

    public static FixtureTool Asking(string name, string description, Func<McpCall, object?> run) =>
        new(name, description, NoArguments, (_, call, _) => new(run(call)));

    public static string Text(AIFunctionArguments arguments, string key) =>
        arguments.GetValueOrDefault(key) is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    public static InputRequest Form(string message, string schema) => InputRequest.ForElicitation(
        JsonSerializer.Deserialize<ElicitRequestParams>(
            $$"""{"message":{{JsonSerializer.Serialize(message)}},"requestedSchema":{{schema}}}""", McpJsonUtilities.DefaultOptions)!);

    public static InputRequest Field(string message, string field, string type = "string") =>
        Form(message, $$$"""{"type":"object","properties":{"{{{field}}}":{"type":"{{{type}}}"}},"required":["{{{field}}}"]}""");

    public static InputRequest Sample(string prompt, int tokens) => InputRequest.ForSampling(new CreateMessageRequestParams
    {
        Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }],
        MaxTokens = tokens,
    });

    public static InputRequest Roots() => InputRequest.ForRootsList(new ListRootsRequestParams());

    public static Exception Ask(McpCall call, params (string Key, InputRequest Question)[] questions) =>
        call.Ask(questions.ToDictionary(question => question.Key, question => question.Question));

    public static JsonElement State(object state) => JsonSerializer.SerializeToElement(state);

    public static RequestContext<CallToolRequestParams> Request(McpCall call) => (RequestContext<CallToolRequestParams>)call.Request!;
}
