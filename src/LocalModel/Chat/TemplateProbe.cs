using System.Globalization;
using System.Text.Json.Nodes;
using AgentKit.Models.Templates;

namespace AgentKit.Models.Chat;

/// <summary>
/// Renders small conversations made of needles, strings that occur in no template, to see what a template does with them.
/// </summary>
internal sealed class TemplateProbe(ChatTemplate template, string bosToken, string eosToken, bool functionsVariable = false)
{
    public const string User = "Usr7question";
    public const string Answer = "Ans7wer";
    public const string System = "Sys7tem";
    public const string Reasoning = "Rea7soning";
    public const string Result = "Res7ult";
    public const string FirstName = "fst7fun";
    public const string SecondName = "snd7fun";
    public const string FirstKey = "ak7one";
    public const string SecondKey = "bk7two";
    public const string FirstValue = "Va7lueone";
    public const string SecondValue = "Wa7luetwo";

    /// <summary>Nine letters and digits: some templates accept nothing else.</summary>
    public const string FirstId = "call70001";
    public const string SecondId = "call70002";

    public static JsonArray Tools => [Tool(FirstName), Tool(SecondName)];

    public string Source => template.Source;

    /// <summary>A probe that also gives tools in the variable <c>functions</c>.</summary>
    public TemplateProbe WithFunctionsVariable() => new(template, bosToken, eosToken, functionsVariable: true);

    /// <summary>The variables of templates that read their tools from <c>functions</c>.</summary>
    public static Dictionary<string, object?> FunctionsVariables(JsonArray? tools, DateTimeOffset now) => new(StringComparer.Ordinal)
    {
        ["functions"] = PythonJson(new JsonArray([.. (tools ?? []).Select(tool => tool!["function"]!.DeepClone())])),
        ["datetime"] = now.ToString("MMM dd yyyy HH:mm:ss", CultureInfo.InvariantCulture),
    };

    /// <summary>The prompt, or null when the template refuses the conversation: then it lacks the ability that was probed.</summary>
    public string? Render(JsonArray messages, JsonArray? tools = null, bool generationPrompt = false, IReadOnlyDictionary<string,
        object?>? variables = null)
    {
        var all = functionsVariable
            ? FunctionsVariables(tools, DateTimeOffset.UnixEpoch) : new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in variables ?? new Dictionary<string, object?>())
            all[name] = value;
        try
        {
            var input = new TemplateInput
            {
                Messages = messages,
                Tools = tools,
                AddGenerationPrompt = generationPrompt,
                BosToken = bosToken,
                EosToken = eosToken,
                Variables = all,
            };
            return template.Render(input, new ProbeTime()).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    public bool Shows(JsonArray messages, string needle, JsonArray? tools = null) =>
        Render(messages, tools)?.Contains(needle, StringComparison.Ordinal) == true;

    public static JsonObject Message(string role, JsonNode? content) => new() { ["role"] = role, ["content"] = content };

    public static JsonArray TypedText(string text) => [new JsonObject { ["type"] = "text", ["text"] = text }];

    public static JsonObject Call(string id, string name, JsonObject arguments, bool asString = false) => new()
    {
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = asString ? PythonJson(arguments) : arguments },
    };

    /// <summary>JSON text with Python's spacing, which is what templates write themselves.</summary>
    public static string PythonJson(JsonNode? value) => JsonText.Write(value);

    private static JsonObject Tool(string name) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = name,
            ["description"] = "Des7cription of " + name,
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { [FirstKey] = Property(), [SecondKey] = Property() },
                ["required"] = new JsonArray(FirstKey),
            },
        },
    };

    private static JsonObject Property() => new() { ["type"] = "string", ["description"] = "Pro7perty" };

    /// <summary>A probe must not depend on the day it runs.</summary>
    private sealed class ProbeTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
