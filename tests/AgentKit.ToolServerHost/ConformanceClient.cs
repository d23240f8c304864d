using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Protocol;

namespace AgentKit.ToolServerHost;

/// <summary>
/// What the conformance suite starts as a client: connects a hub as the command line does and calls every tool the server offers. The user
/// at the browser is a request that follows the authorization server's redirect.
/// </summary>
internal static class ConformanceClient
{
    private static readonly Uri Redirect = new("http://127.0.0.1:39772/callback");

    public static async Task<int> RunAsync(string url)
    {
        JsonObject context = JsonNode.Parse(Environment.GetEnvironmentVariable("MCP_CONFORMANCE_CONTEXT") ?? "{}") as JsonObject ?? [];
        McpServerSpec spec = McpServerSpec.Parse(url) with { OAuth = Authorization(context), ConnectTimeout = TimeSpan.FromSeconds(100) };
        var options = new McpHubOptions
        {
            MostTools = 1000,
            Elicit = (_, request, _) => new(new ElicitResult { Action = "accept", Content = Answers(request) }),
        };
        try
        {
            await using McpHub hub = await McpHub.ConnectAsync([new McpServerEntry("suite", spec) { PrefixesNames = false }], options);
            foreach ((AIFunction tool, AIFunctionArguments arguments) in Calls(hub, context)) await CallAsync(tool, arguments);
            return 0;
        }
        catch (UserInputException e)
        {
            Console.Error.WriteLine(e);
            return 1;
        }
    }

    /// <summary>The calls the suite names, else one of each tool.</summary>
    private static IEnumerable<(AIFunction Tool, AIFunctionArguments Arguments)> Calls(McpHub hub, JsonObject context) =>
        context["toolCalls"] is JsonArray calls
            ? calls.Select(call => (
                hub.Tools.Single(tool => tool.Name == (string?)call!["name"]),
                new AIFunctionArguments(call!["arguments"]!.Deserialize<Dictionary<string, object?>>())))
            : hub.Tools.Select(tool => (tool, Arguments(tool.JsonSchema)));

    private static async Task CallAsync(AIFunction tool, AIFunctionArguments arguments)
    {
        try
        {
            Console.Error.WriteLine($"{tool.Name}: {await tool.InvokeAsync(arguments)}");
        }
        catch (ToolException e)
        {
            Console.Error.WriteLine($"{tool.Name} failed: {e.Message}");
        }
    }

    private static AIFunctionArguments Arguments(JsonElement schema)
    {
        var arguments = new AIFunctionArguments();
        if (!schema.TryGetProperty("properties", out JsonElement properties)) return arguments;
        foreach (JsonProperty property in properties.EnumerateObject()) arguments[property.Name] = Sample(property.Value);
        return arguments;
    }

    private static object? Sample(JsonElement schema) => schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
        ? type.GetString() switch
        {
            "integer" or "number" => 5,
            "boolean" => true,
            "array" => Array.Empty<string>(),
            "object" => new JsonObject(),
            _ => "text",
        }
        : "text";

    /// <summary>Nothing where there is a default, something plain where an answer is required and there is none.</summary>
    private static Dictionary<string, JsonElement> Answers(ElicitRequestParams request) => (request.RequestedSchema?.Required ?? [])
        .Where(name => request.RequestedSchema!.Properties[name].GetDefaultOrNull() is null)
        .ToDictionary(name => name, name => request.RequestedSchema!.Properties[name] switch
        {
            ElicitRequestParams.BooleanSchema => JsonSerializer.SerializeToElement(true),
            ElicitRequestParams.NumberSchema => JsonSerializer.SerializeToElement(5),
            _ => JsonSerializer.SerializeToElement("text"),
        });

    private static JsonElement? GetDefaultOrNull(this ElicitRequestParams.PrimitiveSchemaDefinition schema) => schema switch
    {
        ElicitRequestParams.StringSchema { Default: { } text } => JsonSerializer.SerializeToElement(text),
        ElicitRequestParams.NumberSchema { Default: { } number } => JsonSerializer.SerializeToElement(number),
        ElicitRequestParams.BooleanSchema { Default: { } flag } => JsonSerializer.SerializeToElement(flag),
        ElicitRequestParams.UntitledSingleSelectEnumSchema { Default: { } choice } => JsonSerializer.SerializeToElement(choice),
        _ => null,
    };

    private static ClientOAuthOptions Authorization(JsonObject context) => new()
    {
        RedirectUri = Redirect,
        ClientId = (string?)context["client_id"],
        ClientSecret = (string?)context["client_secret"],
        ClientMetadataDocumentUri = new Uri("https://conformance-test.local/client-metadata.json"),
        DynamicClientRegistration = new DynamicClientRegistrationOptions { ClientName = "agentkit" },
        AuthorizationCallbackHandler = ConsentAsync,
    };

    private static async Task<AuthorizationResult?> ConsentAsync(AuthorizationCallbackContext context, CancellationToken cancellationToken)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpResponseMessage response = await browser.GetAsync(context.AuthorizationUri, cancellationToken);
        Dictionary<string, string> answer = (response.Headers.Location?.Query.TrimStart('?') ?? "")
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[^1]));
        return new AuthorizationResult
        {
            Code = answer.GetValueOrDefault("code"),
            State = answer.GetValueOrDefault("state"),
            Iss = answer.GetValueOrDefault("iss"),
        };
    }
}
