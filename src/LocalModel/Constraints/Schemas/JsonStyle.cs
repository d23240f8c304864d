using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>How JSON is written: the white space between tokens, and the characters of strings.</summary>
internal sealed class JsonStyle
{
    /// <summary>
    /// Free values are nested at most this deep: a model that has lost its way opens brackets without end, and readers refuse 64.
    /// </summary>
    private const int DeepestFreeValue = 16;

    private static readonly CharSet Escaped = CharSet.Of([(0, 0x1F), ('"', '"'), ('\\', '\\')]);
    private static readonly (char Character, char Letter)[] ShortEscapes =
        [('"', '"'), ('\\', '\\'), ('\b', 'b'), ('\f', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

    private readonly GrammarRule freeText;
    private readonly GrammarRule freeValue;
    private readonly int maxDigits;

    internal JsonStyle(JsonSchemaOptions options)
    {
        maxDigits = options.MaxDigits;
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
        AnyCharacter = BuildAnyCharacter();
        freeText = Grammar.Rule("text").Define(Quoted(Grammar.Repeat(AnyCharacter)));
        freeValue = BuildFreeValue();
    }

    internal GrammarExpression Blank { get; }

    internal GrammarExpression Comma { get; }

    internal GrammarExpression Colon { get; }

    /// <summary>One character inside a string, written in any way JSON allows.</summary>
    internal GrammarExpression AnyCharacter { get; }

    /// <summary>Any string.</summary>
    internal GrammarExpression FreeText => freeText;

    /// <summary>Any value.</summary>
    internal GrammarExpression FreeValue => freeValue;

    internal static GrammarExpression Quoted(GrammarExpression content) => Grammar.Sequence(Grammar.Literal("\""), content, Grammar.Literal("\""));

    /// <summary>
    /// A string of <paramref name="language"/>; each of its characters is written in one way only, so that the language's choice is the
    /// only one.
    /// </summary>
    internal static GrammarExpression Text(Dfa language) => Quoted(new GrammarExpression.OfAutomaton(language, Encode));

    internal static GrammarExpression Text(string text) => Grammar.Literal(Write(text));

    internal GrammarExpression List(char open, GrammarExpression items, char close) =>
        List(open, Grammar.Literal(string.Empty), items, close);

    /// <summary>A list in which names or items marked by <see cref="Distinct"/> must differ.</summary>
    internal GrammarExpression DistinctList(char open, GrammarExpression items, char close) => Grammar.Sequence(
        List(open, new GrammarExpression.Marked(DistinctMark.Opened), items, close), new GrammarExpression.Marked(DistinctMark.Ended));

    /// <summary>Marks the end of what must be distinct; a number ends only with what follows it, so separators are marked too.</summary>
    internal static GrammarExpression Distinct(GrammarExpression item) => Grammar.Sequence(item, new GrammarExpression.Marked(DistinctMark.Ended));

    /// <summary>A given value, in this style.</summary>
    internal GrammarExpression Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object =>
            List('{', Separated(value.EnumerateObject().Select(m => Grammar.Sequence(Text(m.Name), Colon, Value(m.Value)))), '}'),
        JsonValueKind.Array => List('[', Separated(value.EnumerateArray().Select(Value)), ']'),
        JsonValueKind.String => Text(value.GetString()!),
        _ => Grammar.Literal(value.GetRawText()),
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

    /// <summary>As Python's <c>json.dumps(…, ensure_ascii=False)</c> writes it: escapes only where JSON demands them.</summary>
    private static string Write(string text)
    {
        var written = new StringBuilder("\"");
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

        return written.Append('"').ToString();
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

    private GrammarRule BuildFreeValue()
    {
        var scalar = Grammar.Rule("scalar").Define(
            Grammar.Choice(freeText, FreeNumber(true), Grammar.Literal("true"), Grammar.Literal("false"), Grammar.Literal("null")));
        var value = Grammar.Rule("value").Define(scalar);
        for (var level = 0; level < DeepestFreeValue; level++)
        {
            var list = List('[', Several(value), ']');
            var members = DistinctList('{', Several(Grammar.Sequence(Distinct(freeText), Colon, value)), '}');
            value = Grammar.Rule("value").Define(Grammar.Choice(scalar, list, members));
        }

        return value;
    }

    private GrammarExpression Several(GrammarExpression item) =>
        Grammar.Optional(Grammar.Sequence(item, Grammar.Repeat(Grammar.Sequence(Comma, item))));

    private GrammarExpression Separated(IEnumerable<GrammarExpression> items) =>
        Grammar.Sequence([.. items.SelectMany((item, i) => i == 0 ? [item] : new[] { Comma, item })]);
}
