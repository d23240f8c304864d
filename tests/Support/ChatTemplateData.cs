using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Tests.Support;

/// <summary>The published chat templates and what jinja2 rendered from them; test data outside of the repository.</summary>
public static class ChatTemplateData
{
    public static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 34, 56, TimeSpan.Zero);

    private static readonly Lazy<JsonNode> LazyExpected = new(() => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder!,
        "expected.json")))!);

    /// <summary>The folder, or null when it is not on this machine.</summary>
    public static string? Folder { get; } = TestData.Folder("chat-templates", "expected.json");

    /// <summary>Cases by name: messages, tools, extra variables.</summary>
    public static JsonObject Cases => LazyExpected.Value["cases"]!.AsObject();

    /// <summary>Records: template, case, add_generation_prompt, text or error, profile.</summary>
    public static JsonArray Results => LazyExpected.Value["results"]!.AsArray();

    public static IEnumerable<string> TemplateNames => Directory.GetFiles(Path.Combine(Folder!, "templates"),
        "*.jinja").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public static string Read(string template) => File.ReadAllText(Path.Combine(Folder!, "templates", template));
}
