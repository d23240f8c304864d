using AgentKit.Models.Chat;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Arguments that stand between marks one by one: <c>&lt;parameter=city&gt;Bern&lt;/parameter&gt;</c>.</summary>
internal sealed class TaggedStyle : JsonStyle
{
    private readonly TaggedArgumentSyntax syntax;
    private readonly Func<string, GrammarExpression> mark;
    private readonly PlainTextStyle inner;

    /// <param name="options">White space and the like.</param>
    /// <param name="syntax">The marks.</param>
    /// <param name="mark">Text of the syntax, in which control tokens stand as such.</param>
    internal TaggedStyle(JsonSchemaOptions options, TaggedArgumentSyntax syntax, Func<string, GrammarExpression> mark)
        : base(options)
    {
        (this.syntax, this.mark, Comma) = (syntax, mark, mark(syntax.Separator));
        inner = new(options, syntax.End.Trim());
    }

    internal override JsonStyle Inner => inner;

    internal override bool CanWatch => false;

    internal override GrammarExpression Object(GrammarExpression members) => members;

    internal override GrammarExpression Name(string name) =>
        name.Length > 0 && name.Trim() == name && !name.Contains(syntax.KeyEnd.Trim(), StringComparison.Ordinal)
            ? Grammar.Literal(name)
            : Grammar.Choice();

    internal override GrammarExpression Name(Dfa language) => Identifiers.Of(language);

    internal override GrammarExpression Member(GrammarExpression name, Func<Schema?, GrammarExpression> value)
    {
        GrammarExpression rest = syntax.TypedKeyEnds.Count == 0
            ? Grammar.Sequence(mark(syntax.KeyEnd), value(null))
            : Grammar.Choice([.. Types().Select(type => Grammar.Sequence(mark(type.KeyEnd), value(Only(type.Types))))]);
        return Grammar.Sequence(mark(syntax.Start), name, rest, mark(syntax.End));
    }

    private static Schema Only(JsonTypes types) => new() { Id = -(int)types, Path = "#", Types = types };

    /// <summary>The types that have a mark; where all but strings share one, it stands for <c>null</c> too.</summary>
    private IEnumerable<(JsonTypes Types, string KeyEnd)> Types()
    {
        yield return (JsonTypes.String, syntax.KeyEnd);
        if (syntax.TypedKeyEnds.Values.Distinct().Count() == 1)
        {
            yield return (JsonTypes.Any & ~JsonTypes.String, syntax.TypedKeyEnds.Values.First());
            yield break;
        }

        foreach ((string name, string keyEnd) in syntax.TypedKeyEnds)
        {
            yield return (TypeNamed(name), keyEnd);
        }
    }

    private static JsonTypes TypeNamed(string name) => name switch
    {
        "number" => JsonTypes.Number,
        "boolean" => JsonTypes.Boolean,
        "array" => JsonTypes.Array,
        "object" => JsonTypes.Object,
        "null" => JsonTypes.Null,
        _ => JsonTypes.None,
    };
}
