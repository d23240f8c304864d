using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Knowledge;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>
/// <c>search_knowledge</c> and <c>read_source</c> for MCP clients: passages with citations that are links to the documents, which are
/// resources (<see cref="KnowledgeResources"/>).
/// </summary>
public static class KnowledgeTools
{
    /// <summary>Passages that one call of <c>read_source</c> returns.</summary>
    private const int PassagesAtOnce = 20;

    private const string SearchSchema = """{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}""";

    private const string HitsSchema = """
        {"type":"object","properties":{"hits":{"type":"array","items":{"type":"object","properties":{
        "number":{"type":"integer"},"source":{"type":"string"},"uri":{"type":"string"},"title":{"type":"string"},"page":{"type":"integer"},
        "heading":{"type":"string"},"start":{"type":"integer"},"end":{"type":"integer"},"score":{"type":"number"},"text":{"type":"string"}},
        "required":["number","source","uri","start","end","score","text"]}}},"required":["hits"]}
        """;

    private const string ReadSchema = """
        {"type":"object","properties":{"source":{"type":"string","description":"A source as search_knowledge names it, or its agentkit:// address."},
        "from":{"type":"integer","minimum":0,"description":"The passage to begin with; 0 is the first."}},"required":["source"]}
        """;

    private const string PassagesSchema = """
        {"type":"object","properties":{"source":{"type":"string"},"uri":{"type":"string"},"passages":{"type":"array","items":{"type":"object","properties":{
        "number":{"type":"integer"},"page":{"type":"integer"},"heading":{"type":"string"},"start":{"type":"integer"},"end":{"type":"integer"},
        "text":{"type":"string"}},"required":["number","start","end","text"]}},"total":{"type":"integer"},"next":{"type":"integer"}},
        "required":["source","uri","passages","total"]}
        """;

    /// <summary>The two tools over a knowledge base.</summary>
    public static IReadOnlyList<AIFunction> Create(SharedKnowledge knowledge)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        var contract = new ToolContract(ToolReplay.Pure, SideEffect.LocalRead);
        return
        [
            Present("Search knowledge", HitsSchema, new OfferedTool(
                "search_knowledge", "Search the knowledge base; returns numbered passages.", SearchSchema, contract,
                (arguments, stop) => SearchAsync(knowledge, OfferedTool.Text(arguments, "query"), stop))),
            Present("Read a source", PassagesSchema, new OfferedTool(
                "read_source", "Read a document of the knowledge base, passage by passage.", ReadSchema, contract,
                (arguments, stop) => ReadAsync(knowledge, OfferedTool.Text(arguments, "source"), OfferedTool.Number(arguments, "from") ?? 0, stop))),
        ];
    }

    private static AIFunction Present(string title, string schema, AIFunction tool) =>
        new McpToolInfo { Title = title, OutputSchema = JsonElement.Parse(schema), Icons = [OfferIcons.Knowledge] }.Apply(tool);

    private static async ValueTask<CallToolResult> SearchAsync(SharedKnowledge knowledge, string query, CancellationToken cancellationToken)
    {
        IReadOnlyList<Hit> hits;
        try
        {
            hits = await knowledge.Base.SearchAsync(knowledge.Scope, query, knowledge.Search, cancellationToken).ConfigureAwait(false);
        }
        catch (UserInputException e)
        {
            throw new ToolException(e.Message, e);
        }

        var text = new StringBuilder();
        var list = new JsonArray();
        foreach ((int i, Hit hit) in hits.Index())
        {
            string page = hit.Page is { } at ? string.Create(CultureInfo.InvariantCulture, $", page {at}") : "";
            text.Append(text.Length > 0 ? "\n\n" : "").Append(CultureInfo.InvariantCulture, $"[{i + 1}] {Path.GetFileName(hit.Source)}{page}: {hit.Text}");
            var json = new JsonObject { ["number"] = i + 1, ["source"] = hit.Source, ["uri"] = knowledge.AddressOf(hit.Source) };
            if (hit.Title.Length > 0) json["title"] = hit.Title;
            if (hit.Page is { } number) json["page"] = number;
            if (hit.Heading.Length > 0) json["heading"] = hit.Heading;
            (json["start"], json["end"], json["score"], json["text"]) = (hit.Start, hit.End, hit.Score, hit.Text);
            list.Add(json);
        }

        return new CallToolResult
        {
            Content =
            [
                new TextContentBlock { Text = hits.Count == 0 ? "No passages found." : text.ToString() },
                .. hits.Select(hit => hit.Source).Distinct().Select(source => Link(knowledge, source)),
            ],
            StructuredContent = OfferedTool.Element(new JsonObject { ["hits"] = list }),
        };
    }

    private static async ValueTask<CallToolResult> ReadAsync(SharedKnowledge knowledge, string source, int from, CancellationToken cancellationToken)
    {
        string name = knowledge.SourceOf(source) ?? source;
        IReadOnlyList<KnowledgePassage> all = await knowledge.Base.PassagesAsync(knowledge.Scope, name, cancellationToken).ConfigureAwait(false);
        if (all.Count == 0) throw new ToolException($"there is no source '{name}'; search_knowledge names the sources there are");
        if (from >= all.Count) throw new ToolException($"argument 'from' is {from}; '{name}' has {all.Count} passages, 0 to {all.Count - 1}");
        KnowledgePassage[] some = [.. all.Skip(from).Take(PassagesAtOnce)];
        int next = from + some.Length;
        string rest = next < all.Count ? string.Create(CultureInfo.InvariantCulture, $"\n\n[{all.Count - next} more passages; go on with from = {next}]") : "";
        var json = new JsonObject
        {
            ["source"] = name,
            ["uri"] = knowledge.AddressOf(name),
            ["passages"] = new JsonArray([.. some.Select(Describe)]),
            ["total"] = all.Count,
        };
        if (next < all.Count) json["next"] = next;
        return new CallToolResult
        {
            Content = [new TextContentBlock { Text = string.Join("\n\n", some.Select(passage => passage.Text)) + rest }, Link(knowledge, name)],
            StructuredContent = OfferedTool.Element(json),
        };
    }

    private static JsonObject Describe(KnowledgePassage passage)
    {
        var json = new JsonObject { ["number"] = passage.Ordinal };
        if (passage.Page is { } page) json["page"] = page;
        if (passage.Heading.Length > 0) json["heading"] = passage.Heading;
        (json["start"], json["end"], json["text"]) = (passage.Start, passage.End, passage.Text);
        return json;
    }

    private static ResourceLinkBlock Link(SharedKnowledge knowledge, string source) =>
        new() { Uri = knowledge.AddressOf(source), Name = Path.GetFileName(source) is { Length: > 0 } name ? name : source, MimeType = "text/plain" };
}
