using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>The grammar of an answer that may, or must, call tools: the calls in the model's own syntax, their arguments as each tool's schema demands.</summary>
internal sealed class ToolCallGrammar
{
    /// <summary>More calls in one answer come from a model that has lost its way.</summary>
    private const int MostCalls = 16;

    private readonly ToolSyntax _syntax;
    private readonly ToolCallGrammarParts _parts;
    private readonly TokenVocabulary _vocabulary;
    private readonly IReadOnlyDictionary<string, int> _controlTokens;

    private ToolCallGrammar(ToolSyntax syntax, ToolCallGrammarParts parts, TokenVocabulary vocabulary, IReadOnlyDictionary<string, int> controlTokens)
    {
        _syntax = syntax;
        _parts = parts;
        _vocabulary = vocabulary;
        _controlTokens = controlTokens;
    }

    /// <summary>Builds the grammar; <c>null</c> when the model's syntax cannot be constrained.</summary>
    /// <param name="syntax">How the model writes calls.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="controlTokens">Texts of tokens that are not ordinary text.</param>
    /// <param name="tools">The tools that may be called, at least one.</param>
    /// <param name="required">Whether the answer must be a call.</param>
    /// <param name="parallel">Whether it may hold several.</param>
    public static Grammar? Build(
        ToolSyntax syntax,
        TokenVocabulary vocabulary,
        IReadOnlyDictionary<string, int> controlTokens,
        IReadOnlyList<AIFunctionDeclaration> tools,
        bool required,
        bool parallel)
    {
        ToolCallGrammarParts? parts = ToolCallGrammarParts.From(syntax);
        if (parts is null || parts.Encoding != ArgumentEncoding.Json || (!required && parts.Triggers.Count == 0))
        {
            return null;
        }

        return Grammar.Compile(new ToolCallGrammar(syntax, parts, vocabulary, controlTokens).Answer(tools, required, parallel));
    }

    private GrammarExpression Answer(IReadOnlyList<AIFunctionDeclaration> tools, bool required, bool parallel)
    {
        string trigger = _parts.Triggers.FirstOrDefault() ?? "";
        if (!required)
        {
            return LazyGrammar.Build(_vocabulary, [new(trigger, Section(tools, parallel, trigger))], atMost: 1, textAfter: false);
        }

        GrammarExpression section = Section(tools, parallel, "");
        if (!_syntax.HasReasoning)
        {
            return section;
        }

        // A model that reasons does so before it calls; cutting that off would cost it its plan.
        GrammarExpression reasoning = Grammar.Sequence(Grammar.Any(_syntax.ReasoningEnd.Trim()), Blank());
        return _syntax.ForcedOpenReasoning
            ? Grammar.Sequence(reasoning, section)
            : Grammar.Choice(section, Grammar.Sequence(Text(_syntax.ReasoningStart.Trim()), reasoning, section));
    }

    /// <summary>All calls of an answer, without the beginning that the trigger has already written.</summary>
    private GrammarExpression Section(IReadOnlyList<AIFunctionDeclaration> tools, bool parallel, string written)
    {
        string start = _parts.SectionStart;
        bool inStart = start.Length > 0;
        GrammarExpression first = Calls(tools, inStart ? "" : written);
        List<GrammarExpression> items = [Text(inStart ? start[written.Length..] : ""), first];
        if (parallel && _parts.CallSeparator is { } separator)
        {
            items.Add(Grammar.Repeat(Grammar.Sequence(Text(separator), Calls(tools, "")), 0, MostCalls - 1));
        }

        items.Add(Text(_parts.SectionEnd));
        return Grammar.Sequence([.. items]);
    }

    private GrammarExpression Calls(IReadOnlyList<AIFunctionDeclaration> tools, string written) =>
        Grammar.Choice([.. tools.Select(tool => Call(tool, written))]);

    private GrammarExpression Call(AIFunctionDeclaration tool, string written) =>
        Grammar.Sequence([.. _parts.Call.Select((piece, i) => Piece(piece, tool, i == 0 ? written : ""))]);

    private GrammarExpression Piece(CallPiece piece, AIFunctionDeclaration tool, string written) => piece.Kind switch
    {
        CallPieceKind.Literal => Text(piece.Text[written.Length..]),
        CallPieceKind.FunctionName => Grammar.Literal(tool.Name),
        CallPieceKind.CallId => Grammar.Repeat(Grammar.OneOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 9, 9),
        CallPieceKind.CallIndex => Grammar.Repeat(Grammar.OneOf("0123456789"), 1, 2),
        CallPieceKind.Arguments => JsonSchemaGrammar.Create(ObjectSchema(tool.JsonSchema)).Root,
        _ => TaggedArguments(tool),
    };

    /// <summary>Arguments in the schema's order, each between its marks; optional ones may be left out.</summary>
    private GrammarExpression TaggedArguments(AIFunctionDeclaration tool)
    {
        JsonElement schema = ObjectSchema(tool.JsonSchema);
        HashSet<string> required = schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(name => name.ToString())]
            : [];
        if (!schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return Text("");
        }

        // Whether a separator is due depends on whether an argument came before, so the rest is built from the end for both cases.
        GrammarExpression first = Text("");
        GrammarExpression later = Text("");
        foreach (JsonProperty property in properties.EnumerateObject().Reverse())
        {
            GrammarExpression argument = TaggedArgument(property, schema);
            GrammarExpression beginning = Grammar.Sequence(argument, later);
            GrammarExpression continuing = Grammar.Sequence(Text(_parts.TaggedArgument!.Separator), argument, later);
            bool optional = !required.Contains(property.Name);
            (first, later) = (optional ? Grammar.Choice(beginning, first) : beginning, optional ? Grammar.Choice(continuing, later) : continuing);
        }

        return first;
    }

    private GrammarExpression TaggedArgument(JsonProperty property, JsonElement schema)
    {
        TaggedArgumentSyntax syntax = _parts.TaggedArgument!;
        string? type = property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("type", out JsonElement t)
            && t.ValueKind == JsonValueKind.String ? t.GetString() : null;
        string keyEnd = syntax.TypedKeyEnds.GetValueOrDefault(type == "integer" ? "number" : type ?? "", syntax.KeyEnd);
        bool isText = type == "string" && !property.Value.TryGetProperty("enum", out _);
        return isText
            ? Grammar.Sequence(Text(syntax.Start), Grammar.Literal(property.Name), Text(keyEnd), Grammar.Any(syntax.End))
            : Grammar.Sequence(Text(syntax.Start), Grammar.Literal(property.Name), Text(keyEnd), Value(property.Value, schema, type), Text(syntax.End));
    }

    /// <summary>A value that is not free text. Strings stand without quotes, everything else is JSON.</summary>
    private static GrammarExpression Value(JsonElement property, JsonElement schema, string? type)
    {
        if (type == "string" && property.TryGetProperty("enum", out JsonElement values))
        {
            return Grammar.Choice([.. values.EnumerateArray().Select(value => Grammar.Literal(value.ToString()))]);
        }

        if (property.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$defs", out JsonElement definitions))
        {
            return JsonSchemaGrammar.Create(property).Root;
        }

        JsonObject withDefinitions = JsonNode.Parse(property.GetRawText())!.AsObject();
        withDefinitions["$defs"] = JsonNode.Parse(definitions.GetRawText());
        return JsonSchemaGrammar.Create(JsonSerializer.SerializeToElement(withDefinitions)).Root;
    }

    /// <summary>Arguments are always an object, whatever else a tool's schema leaves open.</summary>
    private static JsonElement ObjectSchema(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out JsonElement type)
        && type.ValueKind == JsonValueKind.String && type.GetString() == "object"
            ? schema
            : JsonDocument.Parse("""{"type":"object"}""").RootElement;

    private static GrammarExpression Blank() => Grammar.Repeat(Grammar.OneOf(" \n"), 0, 4);

    /// <summary>Fixed text of the syntax, in which control tokens stand as such.</summary>
    private GrammarExpression Text(string text)
    {
        List<GrammarExpression> items = [];
        StringBuilder plain = new();
        for (int i = 0; i < text.Length;)
        {
            string? control = _controlTokens.Keys
                .Where(name => _vocabulary.IsSpecial(name) && string.CompareOrdinal(text, i, name, 0, name.Length) == 0)
                .MaxBy(name => name.Length);
            if (control is null)
            {
                plain.Append(text[i++]);
                continue;
            }

            items.Add(Grammar.Literal(plain.ToString()));
            items.Add(Grammar.Special(control));
            plain.Clear();
            i += control.Length;
        }

        items.Add(Grammar.Literal(plain.ToString()));
        return Grammar.Sequence([.. items]);
    }
}
