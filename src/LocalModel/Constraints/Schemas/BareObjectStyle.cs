using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Objects with bare names whose strings stand between special quotes: <c>{city:&lt;|"|&gt;Bern&lt;|"|&gt;,days:3}</c>.</summary>
internal sealed class BareObjectStyle : JsonStyle
{
    private readonly string quote;
    private readonly Func<string, GrammarExpression> mark;

    /// <param name="options">White space and the like.</param>
    /// <param name="quote">What stands before and behind a string; with more than one character, strings have no escapes.</param>
    /// <param name="end">What ends the object, which no string may contain.</param>
    /// <param name="mark">Text of the syntax, in which control tokens stand as such.</param>
    internal BareObjectStyle(JsonSchemaOptions options, string quote, string end, Func<string, GrammarExpression> mark)
        : base(options, [.. new[] { quote.Length > 1 ? quote : "", end }.Where(text => text.Length > 0)])
    {
        (this.quote, this.mark, Comma, Colon) = (quote, mark, Grammar.Literal(","), Grammar.Literal(":"));
    }

    internal override bool CanWatch => false;

    private bool HasEscapes => quote.Length == 1;

    internal override GrammarExpression Name(string name) => Identifiers.Contains(name) ? Grammar.Literal(name) : Text(name);

    internal override GrammarExpression Name(Dfa language) => Identifiers.Of(language);

    private protected override GrammarExpression Quoted(GrammarExpression content) => Grammar.Sequence(mark(quote), content, mark(quote));

    private protected override GrammarExpression EncodeCharacters(CharSet set) =>
        HasEscapes ? base.EncodeCharacters(set) : new GrammarExpression.OneCharacter(set);

    private protected override string Write(string text) => HasEscapes ? base.Write(text) : text;
}
