using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Values between marks: a string stands there as it is, everything else is JSON.</summary>
/// <param name="options">White space and the like.</param>
/// <param name="end">What ends the value, which no string may contain.</param>
internal sealed class PlainTextStyle(JsonSchemaOptions options, string end) : JsonStyle(options, end)
{
    private readonly JsonStyle inner = new(options, end);

    internal override JsonStyle Inner => inner;

    internal override GrammarExpression Name(string name) => inner.Name(name);

    internal override GrammarExpression Name(Dfa language) => inner.Name(language);

    private protected override GrammarExpression Quoted(GrammarExpression content) => content;

    private protected override GrammarExpression EncodeCharacters(CharSet set) => new GrammarExpression.OneCharacter(set);

    private protected override string Write(string text) => text;

    /// <summary>Any text is some value.</summary>
    private protected override GrammarExpression BuildFreeValue() => FreeText;
}
