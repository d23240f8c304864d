using System.Text.Json;
using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Schemas;
using AgentKit.Models.Constraints.Tokens;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>The grammar of tool calls in a model's own syntax, their arguments as each tool's schema demands.</summary>
internal sealed class ToolCallGrammar
{
    /// <summary>More calls in one answer come from a model that has lost its way.</summary>
    private const int MostCalls = 16;

    private static readonly JsonSchemaOptions Options = new();

    private readonly ToolSyntax _syntax;
    private readonly ToolCallGrammarParts _parts;
    private readonly TokenVocabulary _vocabulary;
    private readonly (string Name, GrammarExpression Arguments)[] _tools;
    private readonly int _mostCalls;

    /// <exception cref="Kernel.Errors.UserInputException">The schema of a tool is malformed, or no arguments fit it.</exception>
    public ToolCallGrammar(ToolSyntax syntax, TokenVocabulary vocabulary, IReadOnlyList<AIFunctionDeclaration> tools, bool parallel)
    {
        _syntax = syntax;
        _vocabulary = vocabulary;
        _parts = WithoutEndTokens(
            ToolCallGrammarParts.From(syntax) ?? throw new ArgumentException("The syntax has no calls.", nameof(syntax)), vocabulary.EndTexts);
        _mostCalls = parallel && _parts.CallSeparator is not null ? MostCalls : 1;
        List<(string, SchemaWarning)> warnings = [];
        _tools = [.. tools.Select(tool => (tool.Name, Arguments(tool, warnings)))];
        Warnings = [.. warnings.Select(warning => warning.Item2 with { Path = $"{warning.Item1}{warning.Item2.Path}" })];
    }

    /// <summary>What the grammar does not enforce of the tools' schemas; each path begins with the tool's name.</summary>
    public IReadOnlyList<SchemaWarning> Warnings { get; }

    /// <summary>All calls of an answer.</summary>
    /// <param name="written">Beginning of the first call that the prompt has already written.</param>
    public GrammarExpression Section(string written = "") =>
        Grammar.Sequence(Mark(Remaining(_parts.SectionStart, written)), Calls(_parts.SectionStart.Length > 0 ? "" : written));

    /// <summary>Free text in which calls may begin; what begins like a call must be one.</summary>
    public GrammarExpression Within()
    {
        LazyPart[] parts = _parts.Triggers.Count > 0
            ? [new(_parts.Triggers[0], Section(_parts.Triggers[0]))]
            // Calls without a mark: they are known by all that comes before their arguments.
            : [.. _tools.Select(tool => new LazyPart(Opening(tool.Name), Rest(tool)))];
        return LazyGrammar.Build(_vocabulary, parts, atMost: 1, textAfter: false);
    }

    /// <summary>A mark that ends the whole generation stands behind the last call only, and the generation ends without being asked to.</summary>
    private static ToolCallGrammarParts WithoutEndTokens(ToolCallGrammarParts parts, IReadOnlyList<string> endTexts)
    {
        string last = parts.SectionEnd.Length > 0 ? parts.SectionEnd : parts.Call[^1].Text.TrimEnd();
        string? end = endTexts.FirstOrDefault(text => text.Length > 0 && last.EndsWith(text, StringComparison.Ordinal));
        if (end is null)
        {
            return parts;
        }

        string rest = last[..^end.Length].TrimEnd();
        return parts.SectionEnd.Length > 0
            ? parts with { SectionEnd = rest }
            : parts with { Call = [.. parts.Call.SkipLast(1), .. rest.Length > 0 ? [new(CallPieceKind.Literal, rest)] : Array.Empty<CallPiece>()] };
    }

    /// <summary>Fixed text of the syntax, in which control tokens stand as such.</summary>
    private GrammarExpression Mark(string text) => new GrammarExpression.Bytes(_vocabulary.Spell(text));

    private static string Remaining(string text, string written) =>
        text.StartsWith(written, StringComparison.Ordinal) ? text[written.Length..] : text;

    private string Opening(string name) => _parts.SectionStart + string.Concat(_parts.Call
        .TakeWhile(piece => piece.Kind is CallPieceKind.Literal or CallPieceKind.FunctionName)
        .Select(piece => piece.Kind == CallPieceKind.Literal ? piece.Text : name));

    private GrammarExpression Rest((string Name, GrammarExpression Arguments) tool)
    {
        IEnumerable<CallPiece> rest = _parts.Call.SkipWhile(piece => piece.Kind is CallPieceKind.Literal or CallPieceKind.FunctionName);
        return Grammar.Sequence([.. rest.Select(piece => Piece(piece, tool, "")), Further()]);
    }

    private GrammarExpression Calls(string written) => Grammar.Sequence(Call(written), Further());

    /// <summary>What may follow the first call, to the end of the section.</summary>
    private GrammarExpression Further() => Grammar.Sequence(
        Grammar.Repeat(Grammar.Sequence(Mark(_parts.CallSeparator ?? ""), Call("")), 0, _mostCalls - 1), Mark(_parts.SectionEnd));

    private GrammarExpression Call(string written) => Grammar.Choice(
        [.. _tools.Select(tool => Grammar.Sequence([.. _parts.Call.Select((piece, i) => Piece(piece, tool, i == 0 ? written : ""))]))]);

    private GrammarExpression Piece(CallPiece piece, (string Name, GrammarExpression Arguments) tool, string written) => piece.Kind switch
    {
        CallPieceKind.Literal => Mark(Remaining(piece.Text, written)),
        CallPieceKind.FunctionName => Grammar.Literal(tool.Name),
        CallPieceKind.CallId => Grammar.Repeat(Grammar.OneOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 9, 9),
        CallPieceKind.CallIndex => Grammar.Repeat(Grammar.OneOf("0123456789"), 1, 2),
        _ => tool.Arguments,
    };

    private GrammarExpression Arguments(AIFunctionDeclaration tool, List<(string, SchemaWarning)> warnings)
    {
        JsonSchemaGrammar grammar = JsonSchemaGrammar.Create(ObjectSchema(tool.JsonSchema), Options, Style());
        warnings.AddRange(grammar.Warnings.Select(warning => (tool.Name, warning)));
        return grammar.Root;
    }

    private JsonStyle Style() => _parts switch
    {
        { TaggedArgument: { } tagged } when _syntax.Style == ToolCallStyle.TagWithTaggedArguments => new TaggedStyle(Options, tagged, Mark),
        { Encoding: ArgumentEncoding.Python } => new KeywordStyle(Options),
        { Encoding: ArgumentEncoding.BareObject } => new BareObjectStyle(Options, _syntax.StringQuote, TextAfterArguments(), Mark),
        { Encoding: ArgumentEncoding.NestedTags } => new NestedTagStyle(Options, _syntax.TagPrefix, Mark),
        _ => new JsonStyle(Options),
    };

    private string TextAfterArguments() => _parts.Call
        .SkipWhile(piece => piece.Kind != CallPieceKind.Arguments).Skip(1).FirstOrDefault()?.Text.Trim() ?? "";

    /// <summary>Arguments are always an object, whatever else a tool's schema leaves open.</summary>
    internal static JsonElement ObjectSchema(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out JsonElement type)
        && type.ValueKind == JsonValueKind.String && type.GetString() == "object"
            ? schema
            : JsonDocument.Parse("""{"type":"object"}""").RootElement;
}
