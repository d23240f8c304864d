using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rewards;

/// <summary>A tool call that a row expects.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">An object.</param>
internal sealed record ExpectedCall(string Name, JsonElement Arguments)
{
    private static readonly JsonElement NoArguments = JsonElement.Parse("{}");

    private static readonly Dictionary<string, object?> Nothing = [];

    public static string? Fault(JsonElement expected)
    {
        if (expected.ValueKind != JsonValueKind.Array) return "a list of calls is expected";
        return expected.EnumerateArray().All(IsCall) ? null : "each call needs a name and, where it has arguments, an object of them";
    }

    public static IReadOnlyList<ExpectedCall> Read(JsonElement expected) => [.. expected.EnumerateArray().Select(Function).Select(call => new ExpectedCall(
        call.GetProperty("name").GetString()!, call.TryGetProperty("arguments", out JsonElement arguments) ? Object(arguments) : NoArguments))];

    /// <summary>Whether a call is this one. The order of arguments does not count.</summary>
    public bool Is(FunctionCallContent call) =>
        call.Name == Name && JsonElement.DeepEquals(Arguments, JsonSerializer.SerializeToElement(call.Arguments ?? Nothing, AIJsonUtilities.DefaultOptions));

    private static bool IsCall(JsonElement call) =>
        call.ValueKind == JsonValueKind.Object && Function(call) is { ValueKind: JsonValueKind.Object } function && function.TryGetProperty("name", out JsonElement name)
        && name.ValueKind == JsonValueKind.String && (!function.TryGetProperty("arguments", out JsonElement arguments) || IsObject(arguments));

    /// <summary>OpenAI's shape holds the call in <c>function</c>.</summary>
    private static JsonElement Function(JsonElement call) => call.TryGetProperty("function", out JsonElement inner) ? inner : call;

    private static bool IsObject(JsonElement arguments)
    {
        try
        {
            return Object(arguments).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonElement Object(JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.String ? JsonElement.Parse(arguments.GetString()!) : arguments;
}
