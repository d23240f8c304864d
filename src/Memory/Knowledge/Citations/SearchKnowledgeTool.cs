using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>
/// The tool <c>search_knowledge{query}</c> over one scope. Passages are numbered on from call to call, so that an answer can name each of them;
/// <see cref="Passages"/> is what <see cref="CitationChecker.Check"/> needs. The passages of a call are its result's data too, so that a run's journal
/// has them: replay does not search again. One instance serves one conversation. Safe for concurrent calls.
/// </summary>
public sealed class SearchKnowledgeTool : AIFunction
{
    /// <summary>The tool's name.</summary>
    public const string ToolName = "search_knowledge";

    private const string Parameter = "query";

    /// <summary>Room in which a passage still says something.</summary>
    private const int LeastCharacters = 200;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly KnowledgeBase _knowledge;
    private readonly MemoryScope _scope;
    private readonly SearchOptions _options;
    private readonly int _room;
    private readonly Lock _gate = new();
    private readonly List<Hit> _passages = [];

    /// <summary>A tool over a scope.</summary>
    /// <param name="knowledge">The knowledge.</param>
    /// <param name="scope">All that the model can find.</param>
    /// <param name="options">How it searches; three hits when <c>null</c>.</param>
    /// <param name="passages">What was handed out before, when a conversation goes on: see <see cref="PassagesOf"/>.</param>
    /// <param name="maxCharacters">
    /// Characters of all passages of a call together, 200 or more. Where they have more, fewer are returned, and the last one with the sentences that
    /// fit the query best; marks and a line say so. Citations are held against whole passages. No limit when <c>null</c>.
    /// </param>
    public SearchKnowledgeTool(
        KnowledgeBase knowledge, MemoryScope scope, SearchOptions? options = null, IEnumerable<Hit>? passages = null, int? maxCharacters = null)
    {
        if (maxCharacters < LeastCharacters) throw new ArgumentOutOfRangeException(nameof(maxCharacters), maxCharacters, $"{LeastCharacters} or more");
        _room = maxCharacters ?? int.MaxValue;
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(scope);
        (_knowledge, _scope, _options) = (knowledge, scope, options ?? new SearchOptions { Count = 3 });
        _passages.AddRange(passages ?? []);
    }

    /// <summary>The passages that calls of this tool have handed out, read from the data of their results.</summary>
    /// <param name="results">The data of the calls, in any order.</param>
    /// <returns>Number n is the n-th.</returns>
    public static IReadOnlyList<Hit> PassagesOf(IEnumerable<JsonElement> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var passages = new SortedDictionary<int, Hit>();
        foreach (JsonElement result in results)
        {
            foreach (JsonElement passage in result.GetProperty("passages").EnumerateArray())
                passages[passage.GetProperty("number").GetInt32()] = passage.Deserialize<Hit>(Json)!;
        }

        return [.. passages.Values];
    }

    /// <inheritdoc/>
    public override string Name => ToolName;

    /// <inheritdoc/>
    public override string Description => "Search the knowledge base; returns numbered passages.";

    /// <inheritdoc/>
    public override JsonElement JsonSchema { get; } =
        JsonElement.Parse("""{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}""");

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new ToolContract(ToolReplay.Pure, SideEffect.LocalRead).ToProperties();

    /// <summary>All passages handed out so far; number n is the n-th.</summary>
    public IReadOnlyList<Hit> Passages
    {
        get
        {
            lock (_gate) return [.. _passages];
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string query = arguments.GetValueOrDefault(Parameter) switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
            null => throw new ToolException($"missing required argument '{Parameter}', expected a string"),
            _ => throw new ToolException($"argument '{Parameter}' must be a string"),
        };
        try
        {
            return Number(query, await _knowledge.SearchAsync(_scope, query, _options, cancellationToken).ConfigureAwait(false));
        }
        catch (UserInputException e) when (e.Field == Parameter)
        {
            throw new ToolException(e.Message, e);
        }
    }

    private ToolOutput Number(string query, IReadOnlyList<Hit> hits)
    {
        var text = new StringBuilder();
        var passages = new JsonArray();
        (int room, int shown) = (_room, 0);
        lock (_gate)
        {
            foreach (Hit hit in hits)
            {
                if (room < LeastCharacters) break;
                int known = _passages.FindIndex(passage => passage.Id == hit.Id);
                if (known < 0) _passages.Add(hit);
                string page = hit.Page is { } at ? string.Create(CultureInfo.InvariantCulture, $", page {at}") : "";
                int number = known < 0 ? _passages.Count : known + 1;
                string words = Excerpt.Of(hit.Text, query, room);
                room -= words.Length;
                shown++;
                text.Append(text.Length > 0 ? "\n\n" : "").Append(CultureInfo.InvariantCulture, $"[{number}] {Path.GetFileName(hit.Source)}{page}: {words}");
                JsonObject passage = JsonSerializer.SerializeToNode(hit, Json)!.AsObject();
                passage.Insert(0, "number", number);
                passages.Add((JsonNode)passage);
            }
        }

        if (shown < hits.Count) text.Append(CultureInfo.InvariantCulture, $"\n\n({hits.Count - shown} more found; there is no room for them here.)");
        JsonElement data = JsonSerializer.SerializeToElement(new JsonObject { ["passages"] = passages });
        return new ToolOutput(hits.Count == 0 ? "No passages found." : text.ToString(), data);
    }
}
