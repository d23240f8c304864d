using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Keyword arguments of a Python call: <c>city="Bern", days=3</c>.</summary>
internal sealed class KeywordStyle : JsonStyle
{
    private readonly PythonStyle inner;

    internal KeywordStyle(JsonSchemaOptions options)
        : base(options)
    {
        (this.inner, Comma, Colon) = (new(options), Grammar.Literal(", "), Grammar.Literal("="));
    }

    internal override JsonStyle Inner => inner;

    internal override bool CanWatch => false;

    internal override GrammarExpression Object(GrammarExpression members) => members;

    internal override GrammarExpression Name(string name) => Identifiers.Contains(name) ? Grammar.Literal(name) : Grammar.Choice();

    internal override GrammarExpression Name(Dfa language) => Identifiers.Of(language);
}
