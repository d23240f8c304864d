using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;
using AgentKit.Models.Constraints.Gbnf;
using AgentKit.Models.Constraints.Tokens;

namespace AgentKit.Models.Constraints;

/// <summary>
/// A compiled context-free grammar over UTF-8 bytes that generated text is held to. Immutable and safe to share: what is learned while it
/// runs (states, transitions, token masks) is kept and reused by every sequence that uses the same object.
/// </summary>
public sealed class Grammar
{
    private readonly GrammarMachine machine;

    private Grammar(GrammarProgram program) => machine = new GrammarMachine(program);

    internal GrammarState Start => machine.Start;

    /// <summary>Names or items must be distinct somewhere, which a <see cref="Tokens.DistinctCheck"/> watches.</summary>
    internal bool HasMarks => machine.HasMarks;

    /// <summary>Compiles an expression.</summary>
    /// <param name="root">What the whole text must match.</param>
    /// <returns>The grammar.</returns>
    /// <exception cref="UserInputException">
    /// A rule is undefined or left-recursive, or the grammar matches nothing or is too large.
    /// </exception>
    public static Grammar Compile(GrammarExpression root) => new(GrammarCompiler.Compile(root));

    /// <summary>Reads and compiles a grammar in GBNF, the notation of llama.cpp; the rule <c>root</c> is the whole text.</summary>
    /// <param name="text">The rules: <c>name ::= "literal" [a-z] other-rule (…) | … * + ? {m,n}</c>, comments after <c>#</c>.</param>
    /// <returns>The grammar.</returns>
    /// <exception cref="UserInputException">
    /// The text is malformed (the message names line and column), or a rule is undefined or left-recursive.
    /// </exception>
    public static Grammar FromGbnf(string text) => Compile(GbnfReader.Read(text));

    /// <summary>Whether the grammar matches the whole text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when the text is one the grammar describes.</returns>
    public bool Matches(string text) => Start.Next(Encoding.UTF8.GetBytes(text)).IsAccepting;

    /// <summary>Exactly this text.</summary>
    /// <param name="text">The text; may be empty.</param>
    public static GrammarExpression Literal(string text) => new GrammarExpression.Bytes(Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// The special (control) token of this name, never text that looks like it. Ordinary literals do not match control tokens.
    /// </summary>
    /// <param name="token">The token's text, for example <c>&lt;|python_tag|&gt;</c>.</param>
    public static GrammarExpression Special(string token) => new GrammarExpression.Bytes(SpecialTokenBytes.Of(token));

    /// <summary>One character of <paramref name="characters"/>.</summary>
    /// <param name="characters">The characters allowed.</param>
    public static GrammarExpression OneOf(string characters) => new GrammarExpression.OneCharacter(CharSet.OfText(characters));

    /// <summary>Any one character except those of <paramref name="characters"/>.</summary>
    /// <param name="characters">The characters forbidden.</param>
    public static GrammarExpression NoneOf(string characters) => new GrammarExpression.OneCharacter(CharSet.OfText(characters).Complement());

    /// <summary>One character between two, both included.</summary>
    /// <param name="first">The first character.</param>
    /// <param name="last">The last character.</param>
    /// <exception cref="UserInputException"><paramref name="last"/> comes before <paramref name="first"/>.</exception>
    public static GrammarExpression Between(Rune first, Rune last) => first <= last
        ? new GrammarExpression.OneCharacter(CharSet.Range(first.Value, last.Value))
        : throw new UserInputException("grammar", $"The range '{first}' to '{last}' is upside down.");

    /// <summary>All items, one after the other.</summary>
    /// <param name="items">The items; none match the empty text.</param>
    public static GrammarExpression Sequence(params ReadOnlySpan<GrammarExpression> items) => new GrammarExpression.InOrder(items.ToArray());

    /// <summary>Any one of the items.</summary>
    /// <param name="items">The alternatives; none match nothing.</param>
    public static GrammarExpression Choice(params ReadOnlySpan<GrammarExpression> items) => new GrammarExpression.AnyOf(items.ToArray());

    /// <summary>The item or nothing.</summary>
    /// <param name="item">The item.</param>
    public static GrammarExpression Optional(GrammarExpression item) => Repeat(item, 0, 1);

    /// <summary>The item, again and again.</summary>
    /// <param name="item">The item.</param>
    /// <param name="minimum">The fewest times.</param>
    /// <param name="maximum">The most times; <c>null</c> for no end.</param>
    /// <exception cref="UserInputException">The bounds are negative or upside down.</exception>
    public static GrammarExpression Repeat(GrammarExpression item, int minimum = 0, int? maximum = null) =>
        minimum >= 0 && minimum <= (maximum ?? int.MaxValue)
            ? new GrammarExpression.Looped(new RepeatLoop(minimum, maximum), [item])
            : throw new UserInputException("grammar", $"A repetition of {minimum} to {maximum} times; 0 <= minimum <= maximum is needed.");

    /// <summary>A named rule, to be defined later.</summary>
    /// <param name="name">The name used in messages.</param>
    public static GrammarRule Rule(string name) => new(name);

    /// <summary>Free text (special tokens included) up to and with the first occurrence of <paramref name="stop"/>.</summary>
    /// <param name="stop">The text that ends it.</param>
    /// <exception cref="UserInputException"><paramref name="stop"/> is empty.</exception>
    public static GrammarExpression Any(string stop) => FreeText.UpTo([Encoding.UTF8.GetBytes(stop)], 0);
}
