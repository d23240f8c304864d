using System.Text.Json;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// Tags named like the members, nested for objects, with <c>item</c> tags for lists: <c>&lt;city&gt;Bern&lt;/city&gt;</c>. What stands
/// inside of a tag without further tags is a string as it is, a number, <c>true</c>, <c>false</c>, or nothing for <c>null</c>.
/// </summary>
internal sealed class NestedTagStyle : JsonStyle
{
    private const string ItemName = "item";

    private readonly string prefix;
    private readonly Func<string, GrammarExpression> mark;

    /// <param name="options">White space and the like.</param>
    /// <param name="prefix">Text before every tag.</param>
    /// <param name="mark">Text of the syntax, in which control tokens stand as such.</param>
    internal NestedTagStyle(JsonSchemaOptions options, string prefix, Func<string, GrammarExpression> mark)
        : base(options, prefix + "<")
    {
        (this.prefix, this.mark, Comma) = (prefix, mark, Grammar.Literal(""));
    }

    internal override bool CanWatch => false;

    internal override bool CanWriteFreeNames => false;

    internal override GrammarExpression Object(GrammarExpression members) => members;

    internal override GrammarExpression Array(GrammarExpression items) => items;

    internal override GrammarExpression Item(GrammarExpression value) => Member(Grammar.Literal(ItemName), _ => value);

    internal override GrammarExpression Name(string name) =>
        Identifiers.Contains(name) && name != ItemName ? Grammar.Literal(name) : Grammar.Choice();

    internal override GrammarExpression Member(GrammarExpression name, Func<Schema?, GrammarExpression> value) => Grammar.Sequence(
        mark(prefix + "<"), name, Grammar.Literal(">"), value(null), mark(prefix + "</"), name, Grammar.Literal(">"));

    internal override GrammarExpression Word(JsonValueKind kind) => kind == JsonValueKind.Null ? Grammar.Literal("") : base.Word(kind);

    private protected override GrammarExpression Quoted(GrammarExpression content) => content;

    private protected override GrammarExpression EncodeCharacters(CharSet set) => new GrammarExpression.OneCharacter(set);

    private protected override string Write(string text) => text;

    /// <summary>Any text is some value.</summary>
    private protected override GrammarExpression BuildFreeValue() => FreeText;
}
