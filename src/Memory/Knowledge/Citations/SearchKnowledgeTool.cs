using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>
/// The tool <c>search_knowledge{query}</c> over one scope. Passages are numbered on from call to call, so that an answer can name each of them;
/// <see cref="Passages"/> is what <see cref="CitationChecker.Check"/> needs. One instance serves one conversation. Safe for concurrent calls.
/// </summary>
public sealed class SearchKnowledgeTool : AIFunction
{
    private const string Parameter = "query";

    private readonly KnowledgeBase _knowledge;
    private readonly MemoryScope _scope;
    private readonly SearchOptions _options;
    private readonly Lock _gate = new();
    private readonly List<Hit> _passages = [];

    /// <summary>A tool over a scope.</summary>
    /// <param name="knowledge">The knowledge.</param>
    /// <param name="scope">All that the model can find.</param>
    /// <param name="options">How it searches; three hits when <c>null</c>.</param>
    public SearchKnowledgeTool(KnowledgeBase knowledge, MemoryScope scope, SearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(scope);
        (_knowledge, _scope, _options) = (knowledge, scope, options ?? new SearchOptions { Count = 3 });
    }

    /// <inheritdoc/>
    public override string Name => "search_knowledge";

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
            return Number(await _knowledge.SearchAsync(_scope, query, _options, cancellationToken).ConfigureAwait(false));
        }
        catch (UserInputException e) when (e.Field == Parameter)
        {
            throw new ToolException(e.Message, e);
        }
    }

    private string Number(IReadOnlyList<Hit> hits)
    {
        if (hits.Count == 0) return "No passages found.";
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (Hit hit in hits)
            {
                int known = _passages.FindIndex(passage => passage.Id == hit.Id);
                if (known < 0) _passages.Add(hit);
                string page = hit.Page is { } at ? string.Create(CultureInfo.InvariantCulture, $", page {at}") : "";
                string number = (known < 0 ? _passages.Count : known + 1).ToString(CultureInfo.InvariantCulture);
                text.Append(text.Length > 0 ? "\n\n" : "").Append(CultureInfo.InvariantCulture, $"[{number}] {Path.GetFileName(hit.Source)}{page}: {hit.Text}");
            }
        }

        return text.ToString();
    }
}
