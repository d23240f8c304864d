using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// How values are written. This is JSON: the white space between tokens, and the characters of strings; the classes derived from it are the
/// notations in which models write the arguments of calls.
/// </summary>
internal class JsonStyle
{
    /// <summary>
    /// Free values are nested at most this deep: a model that has lost its way opens brackets without end, and readers refuse 64.
    /// </summary>
    private const int DeepestFreeValue = 16;

    private static readonly CharSet Escaped = CharSet.Of([(0, 0x1F), ('"', '"'), ('\\', '\\')]);
    private static readonly (char Character, char Letter)[] ShortEscapes =
        [('"', '"'), ('\\', '\\'), ('\b', 'b'), ('\f', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

    private readonly int maxDigits;
    private readonly Dfa? allowed;
    private GrammarExpression? freeText;
    private GrammarExpression? freeValue;

    /// <param name="options">White space and the like.</param>
    /// <param name="forbidden">Texts that no string may contain, because a reader takes them for the end of the value.</param>
    internal JsonStyle(JsonSchemaOptions options, params IReadOnlyList<string> forbidden)
    {
        maxDigits = options.MaxDigits;
        allowed = forbidden.Count == 0 ? null : forbidden.Select(Dfa.Without).Aggregate((a, b) => a.Intersect(b));
        var blank = Grammar.Rule("white space").Define(options.Whitespace == JsonWhitespace.Compact
            ? Grammar.Literal(string.Empty)
            : Grammar.Choice(
                Grammar.Literal(string.Empty),
                Grammar.Literal(" "),
                Grammar.Sequence(Grammar.Literal("\n"), Grammar.Repeat(Grammar.OneOf(" \t"), 0, 16))));
        var isCompact = options.Whitespace == JsonWhitespace.Compact;
        Blank = isCompact ? Grammar.Literal(string.Empty) : blank;
        Comma = isCompact ? Grammar.Literal(", ") : Grammar.Sequence(blank, Grammar.Literal(","), blank);
        Colon = isCompact ? Grammar.Literal(": ") : Grammar.Sequence(blank, Grammar.Literal(":"), blank);
    }

    internal GrammarExpression Blank { get; }

    internal GrammarExpression Comma { get; private protected init; }

    internal GrammarExpression Colon { get; private protected init; }

    /// <summary>The style of the values inside of a list or an object of this style.</summary>
    internal virtual JsonStyle Inner => this;

    /// <summary>Names and items that must differ can be watched: the text is JSON, which the watcher reads.</summary>
    internal virtual bool CanWatch => true;

    /// <summary>Members may have names that the schema does not give.</summary>
    internal virtual bool CanWriteFreeNames => true;

    /// <summary>Any string.</summary>
    internal GrammarExpression FreeText => freeText ??= Grammar.Rule("text").Define(
        allowed is null ? Text(0, null) : Text(Dfa.All));

    /// <summary>Any value.</summary>
    internal GrammarExpression FreeValue => freeValue ??= BuildFreeValue();

    /// <summary>
    /// A string of <paramref name="language"/>; each of its characters is written in one way only, so that the language's choice is the
    /// only one.
    /// </summary>
    /// <exception cref="UserInputException">The language is too large together with what strings must not contain.</exception>
    internal GrammarExpression Text(Dfa language)
    {
        var writable = allowed is null || ReferenceEquals(language, Dfa.All) ? allowed ?? language : language.Intersect(allowed);
        return writable.IsEmpty ? Grammar.Choice() : Quoted(new GrammarExpression.OfAutomaton(writable, EncodeCharacters));
    }

    /// <summary>A given string.</summary>
    internal GrammarExpression Text(string text) =>
        allowed is null || allowed.Matches(text) ? Quoted(Grammar.Literal(Write(text))) : Grammar.Choice();

    /// <summary>Any string of these lengths.</summary>
    /// <exception cref="UserInputException">There are too many lengths together with what strings must not contain.</exception>
    internal GrammarExpression Text(int minimum, int? maximum) => allowed is null
        ? Quoted(Grammar.Repeat(AnyCharacter, minimum, maximum))
        : Text(allowed.WithLength(minimum, maximum));

    /// <summary>The name of a member.</summary>
    internal virtual GrammarExpression Name(string name) => Text(name);

    /// <summary>A name that the schema does not give.</summary>
    internal virtual GrammarExpression Name(Dfa language) => ReferenceEquals(language, Dfa.All) ? FreeText : Text(language);

    /// <summary>A member of an object; <paramref name="value"/> gives the rule of its value, narrowed by further schemas.</summary>
    internal virtual GrammarExpression Member(GrammarExpression name, Func<Schema?, GrammarExpression> value) =>
        Grammar.Sequence(name, Colon, value(null));

    /// <summary>An item of a list.</summary>
    internal virtual GrammarExpression Item(GrammarExpression value) => value;

    internal virtual GrammarExpression Object(GrammarExpression members) => List('{', Grammar.Literal(string.Empty), members, '}');

    internal virtual GrammarExpression Array(GrammarExpression items) => List('[', Grammar.Literal(string.Empty), items, ']');

    /// <summary>An object in which the names marked by <see cref="Distinct"/> must differ.</summary>
    internal GrammarExpression DistinctObject(GrammarExpression members) =>
        CanWatch ? Watched(List('{', new GrammarExpression.Marked(DistinctMark.Opened), members, '}')) : Object(members);

    /// <summary>A list in which the items marked by <see cref="Distinct"/> must differ.</summary>
    internal GrammarExpression DistinctArray(GrammarExpression items) =>
        CanWatch ? Watched(List('[', new GrammarExpression.Marked(DistinctMark.Opened), items, ']')) : Array(items);

    /// <summary>Marks the end of what must be distinct; a number ends only with what follows it, so separators are marked too.</summary>
    internal GrammarExpression Distinct(GrammarExpression item) =>
        CanWatch ? Grammar.Sequence(item, new GrammarExpression.Marked(DistinctMark.Ended)) : item;

    /// <summary><c>null</c>, <c>true</c> or <c>false</c>.</summary>
    internal virtual GrammarExpression Word(JsonValueKind kind) => Grammar.Literal(kind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True => "true",
        _ => "false",
    });

    /// <summary>A given value, in this style.</summary>
    internal GrammarExpression Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(Separated(value.EnumerateObject().Select(m => Member(
            Name(m.Name), narrowed => narrowed is null || SchemaCheck.IsValid(narrowed, m.Value) ? Inner.Value(m.Value) : Grammar.Choice())))),
        JsonValueKind.Array => Array(Separated(value.EnumerateArray().Select(item => Item(Inner.Value(item))))),
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.Number => Grammar.Literal(value.GetRawText()),
        _ => Word(value.ValueKind),
    };

    /// <summary>An integer or, with <paramref name="fraction"/>, any number.</summary>
    internal GrammarExpression FreeNumber(bool fraction)
    {
        var digit = Grammar.OneOf("0123456789");
        var positive = Grammar.Sequence(Grammar.OneOf("123456789"), Grammar.Repeat(digit, 0, maxDigits - 1));
        if (!fraction)
            return Grammar.Choice(Grammar.Literal("0"), Grammar.Sequence(Grammar.Optional(Grammar.Literal("-")), positive));
        return Grammar.Sequence(
            Grammar.Optional(Grammar.Literal("-")),
            Grammar.Choice(Grammar.Literal("0"), positive),
            Grammar.Optional(Grammar.Sequence(Grammar.Literal("."), Grammar.Repeat(digit, 1, maxDigits))),
            Grammar.Optional(Grammar.Sequence(Grammar.OneOf("eE"), Grammar.Optional(Grammar.OneOf("+-")), Grammar.Repeat(digit, 1, 2))));
    }

    /// <summary>Puts the marks of a string around it.</summary>
    private protected virtual GrammarExpression Quoted(GrammarExpression content) =>
        Grammar.Sequence(Grammar.Literal("\""), content, Grammar.Literal("\""));

    /// <summary>One character of a set, inside a string, in the one way it is written.</summary>
    private protected virtual GrammarExpression EncodeCharacters(CharSet set) => Encode(set);

    /// <summary>A text inside a string; as Python's <c>json.dumps(…, ensure_ascii=False)</c> writes it: escapes only where JSON demands them.</summary>
    private protected virtual string Write(string text)
    {
        var written = new StringBuilder();
        foreach (var character in text)
        {
            var letter = ShortEscapes.FirstOrDefault(e => e.Character == character).Letter;
            if (letter != default)
                written.Append('\\').Append(letter);
            else if (character < ' ')
                written.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                written.Append(character);
        }

        return written.ToString();
    }

    private static GrammarExpression Encode(CharSet set)
    {
        var escapes = new List<GrammarExpression>();
        var letters = string.Concat(ShortEscapes.Where(e => set.Contains(e.Character)).Select(e => e.Letter));
        if (letters.Length > 0)
            escapes.Add(Grammar.OneOf(letters));
        for (var high = 0; high < 2; high++)
        {
            var digits = string.Concat(Enumerable.Range(high * 16, 16)
                .Where(c => set.Contains(c) && !ShortEscapes.Any(e => e.Character == c))
                .Select(c => $"{c & 15:x}{c & 15:X}").SelectMany(d => d).Distinct());
            if (digits.Length > 0)
                escapes.Add(Grammar.Sequence(Grammar.Literal($"u00{high}"), Grammar.OneOf(digits)));
        }

        var raw = new GrammarExpression.OneCharacter(set.Except(Escaped));
        return escapes.Count == 0 ? raw : Grammar.Choice(raw, Grammar.Sequence(Grammar.Literal("\\"), Grammar.Choice([.. escapes])));
    }

    /// <summary>One character inside a string, written in any way JSON allows.</summary>
    private static readonly GrammarRule AnyCharacter = BuildAnyCharacter();

    private static GrammarRule BuildAnyCharacter()
    {
        var hex = Grammar.OneOf("0123456789abcdefABCDEF");
        // Half a surrogate pair is not text; a pair is one character.
        var plain = Grammar.Choice(
            Grammar.Sequence(Grammar.OneOf("0123456789abcefABCEF"), Grammar.Repeat(hex, 3, 3)),
            Grammar.Sequence(Grammar.OneOf("dD"), Grammar.OneOf("01234567"), hex, hex));
        var pair = Grammar.Sequence(
            Grammar.OneOf("dD"), Grammar.OneOf("89abAB"), hex, hex, Grammar.Literal("\\u"), Grammar.OneOf("dD"), Grammar.OneOf("cdefCDEF"), hex, hex);
        var escape = Grammar.Choice(Grammar.OneOf("\"\\/bfnrt"), Grammar.Sequence(Grammar.Literal("u"), Grammar.Choice(plain, pair)));
        return Grammar.Rule("character").Define(Grammar.Choice(
            new GrammarExpression.OneCharacter(Escaped.Complement()), Grammar.Sequence(Grammar.Literal("\\"), escape)));
    }

    private GrammarExpression List(char open, GrammarExpression afterOpen, GrammarExpression items, char close) =>
        Grammar.Sequence(Grammar.Literal(open.ToString()), afterOpen, Blank, items, Blank, Grammar.Literal(close.ToString()));

    private static GrammarExpression Watched(GrammarExpression list) =>
        Grammar.Sequence(list, new GrammarExpression.Marked(DistinctMark.Ended));

    private protected virtual GrammarExpression BuildFreeValue()
    {
        var scalar = Grammar.Rule("scalar").Define(
            Grammar.Choice(FreeText, FreeNumber(true), Word(JsonValueKind.True), Word(JsonValueKind.False), Word(JsonValueKind.Null)));
        var value = Grammar.Rule("value").Define(scalar);
        for (var level = 0; level < DeepestFreeValue; level++)
        {
            var inner = value;
            var list = Array(Several(Item(inner)));
            var members = DistinctObject(Several(Member(Distinct(Name(Dfa.All)), _ => inner)));
            value = Grammar.Rule("value").Define(Grammar.Choice(scalar, list, members));
        }

        return value;
    }

    private GrammarExpression Several(GrammarExpression item) =>
        Grammar.Optional(Grammar.Sequence(item, Grammar.Repeat(Grammar.Sequence(Comma, item))));

    private GrammarExpression Separated(IEnumerable<GrammarExpression> items) =>
        Grammar.Sequence([.. items.SelectMany((item, i) => i == 0 ? [item] : new[] { Comma, item })]);
}
