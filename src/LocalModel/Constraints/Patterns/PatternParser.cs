using System.Globalization;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Patterns;

/// <summary>
/// Reads the regular expressions of JSON Schema (ECMA-262 with the <c>u</c> flag) without back references, word boundaries and look-behind.
/// </summary>
/// <exception cref="FormatException">The text is no regular expression.</exception>
/// <exception cref="UnsupportedPatternException">It is one that cannot be an automaton.</exception>
internal sealed class PatternParser
{
    private const int DeepestNesting = 100;
    private const int LargestCount = 100_000;

    private readonly string text;
    private int at;
    private int depth;

    private PatternParser(string text) => this.text = text;

    internal static PatternNode Parse(string text)
    {
        var parser = new PatternParser(text);
        var node = parser.Alternatives();
        return parser.at == text.Length ? node : throw parser.Error("an unmatched ')'");
    }

    private FormatException Error(string what) => new($"at character {at + 1}: {what}");

    private bool Take(char expected)
    {
        if (at >= text.Length || text[at] != expected)
            return false;
        at++;
        return true;
    }

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(text, at, expected, 0, expected.Length) != 0)
            return false;
        at += expected.Length;
        return true;
    }

    private PatternNode Alternatives()
    {
        if (++depth > DeepestNesting)
            throw new UnsupportedPatternException($"groups nested deeper than {DeepestNesting}");
        var items = new List<PatternNode> { Sequence() };
        while (Take('|'))
            items.Add(Sequence());
        depth--;
        return items.Count == 1 ? items[0] : new PatternNode.AnyOf(items);
    }

    private PatternNode Sequence()
    {
        var items = new List<PatternNode>();
        while (at < text.Length && text[at] is not ('|' or ')'))
            items.Add(Quantified(Atom()));
        return items.Count == 1 ? items[0] : new PatternNode.InOrder(items);
    }

    private PatternNode Atom()
    {
        switch (text[at])
        {
            case '(':
                at++;
                return Group();
            case '[':
                at++;
                return new PatternNode.One(Class());
            case '^' or '$':
                return new PatternNode.Anchor(text[at++] == '^');
            case '.':
                at++;
                return new PatternNode.One(CharacterClasses.Dot);
            case '\\':
                at++;
                return new PatternNode.One(Escape(inClass: false));
            case '*' or '+' or '?':
                throw Error($"'{text[at]}' has nothing to repeat");
            default:
                return new PatternNode.One(CharSet.Single(Scalar()));
        }
    }

    private PatternNode Group()
    {
        Func<PatternNode, PatternNode> wrap = node => node;
        if (Take("?=") || Take("?!"))
        {
            var isNegative = text[at - 1] == '!';
            wrap = node => new PatternNode.LookAhead(node, isNegative);
        }
        else if (Take("?<=") || Take("?<!"))
        {
            throw new UnsupportedPatternException("look-behind");
        }
        else if (Take("?<"))
        {
            var end = text.IndexOf('>', at);
            at = end > at ? end + 1 : throw Error("a group name without '>'");
        }
        else if (!Take("?:") && Take('?'))
        {
            throw new UnsupportedPatternException("groups with options");
        }

        var inner = wrap(Alternatives());
        return Take(')') ? inner : throw Error("a '(' without ')'");
    }

    private PatternNode Quantified(PatternNode atom)
    {
        (int Minimum, int? Maximum)? counts = Take('*') ? (0, null) : Take('+') ? (1, null) : Take('?') ? (0, 1) : Counts();
        if (counts is not { } bounds)
            return atom;
        // Lazy and greedy quantifiers match the same texts.
        Take('?');
        if (atom.HasAnchor)
            throw new UnsupportedPatternException("repeated anchors");
        if (at < text.Length && text[at] is '*' or '+')
            throw Error($"'{text[at]}' has nothing to repeat");
        return new PatternNode.Repeated(atom, bounds.Minimum, bounds.Maximum);
    }

    /// <summary><c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; any other brace is an ordinary character, as browsers read it.</summary>
    private (int, int?)? Counts()
    {
        var start = at;
        if (Take('{') && Number() is { } minimum)
        {
            int? maximum = minimum;
            if (Take(','))
                maximum = Number();
            if (Take('}'))
                return minimum <= (maximum ?? int.MaxValue) ? (minimum, maximum) : throw Error("a count with its bounds upside down");
        }

        at = start;
        return null;
    }

    private int? Number()
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (at == start)
            return null;
        return int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= LargestCount
            ? value
            : throw new UnsupportedPatternException($"counts above {LargestCount:N0}");
    }

    private CharSet Class()
    {
        var isNegative = Take('^');
        var set = CharSet.Empty;
        while (!Take(']'))
        {
            var (part, single) = ClassAtom();
            if (single is { } first && at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                var (upper, last) = ClassAtom();
                part = last is not { } end ? part.Union(upper).Union(CharSet.Single('-'))
                    : end >= first ? CharSet.Range(first, end) : throw Error("a character range with its ends upside down");
            }

            set = set.Union(part);
        }

        return isNegative ? set.Complement() : set;
    }

    private (CharSet Set, int? Single) ClassAtom()
    {
        if (at >= text.Length)
            throw Error("a '[' without ']'");
        if (!Take('\\'))
        {
            var scalar = Scalar();
            return (CharSet.Single(scalar), scalar);
        }

        var set = Escape(inClass: true);
        return (set, set.Ranges.Length == 1 && set.Ranges[0].First == set.Ranges[0].Last ? set.Ranges[0].First : null);
    }

    private CharSet Escape(bool inClass)
    {
        if (at >= text.Length)
            throw Error("a '\\' with nothing after it");
        var letter = text[at++];
        return letter switch
        {
            'd' => CharacterClasses.Digit,
            'D' => CharacterClasses.Digit.Complement(),
            'w' => CharacterClasses.Word,
            'W' => CharacterClasses.Word.Complement(),
            's' => CharacterClasses.Space,
            'S' => CharacterClasses.Space.Complement(),
            't' => CharSet.Single('\t'),
            'n' => CharSet.Single('\n'),
            'r' => CharSet.Single('\r'),
            'f' => CharSet.Single('\f'),
            'v' => CharSet.Single('\v'),
            'b' when inClass => CharSet.Single('\b'),
            'b' or 'B' => throw new UnsupportedPatternException("word boundaries"),
            '0' => CharSet.Single(0),
            'x' => CharSet.Single(Hex(2)),
            'u' => CharSet.Single(UnicodeEscape()),
            'c' when at < text.Length && char.IsAsciiLetter(text[at]) => CharSet.Single(text[at++] & 31),
            'p' or 'P' => Property(letter == 'P'),
            'k' or (>= '1' and <= '9') => throw new UnsupportedPatternException("back references"),
            _ when char.IsAsciiLetterOrDigit(letter) => throw Error($"the unknown escape '\\{letter}'"),
            _ => CharSet.Single(ScalarAgain()),
        };
    }

    private CharSet Property(bool isNegative)
    {
        var end = Take('{') ? text.IndexOf('}', at) : -1;
        if (end < 0)
            throw Error("a '\\p' without '{…}'");
        var name = text[at..end];
        at = end + 1;
        var set = CharacterClasses.Property(name) ?? throw new UnsupportedPatternException($"the character property '{name}'");
        return isNegative ? set.Complement() : set;
    }

    private int UnicodeEscape()
    {
        if (Take('{'))
        {
            var end = text.IndexOf('}', at);
            var digits = end < 0 ? 0 : end - at;
            if (digits is < 1 or > 8)
                throw Error("a '\\u{' without '}'");
            var value = Hex(digits);
            at++;
            return value is >= 0 and <= 0x10FFFF ? value : throw Error("a character beyond U+10FFFF");
        }

        var high = Hex(4);
        if (high is < 0xD800 or > 0xDBFF || !Take("\\u"))
            return high;
        return Hex(4) is var low and >= 0xDC00 and <= 0xDFFF
            ? char.ConvertToUtf32((char)high, (char)low)
            : throw Error("half a surrogate pair");
    }

    private int Hex(int digits)
    {
        if (at + digits > text.Length ||
            !int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Error($"{digits} hexadecimal digits were expected");
        }

        at += digits;
        return value;
    }

    private int Scalar()
    {
        var scalar = ScalarFrom(at);
        at += scalar > 0xFFFF ? 2 : 1;
        return scalar;
    }

    private int ScalarAgain()
    {
        at--;
        return Scalar();
    }

    private int ScalarFrom(int index)
    {
        if (!char.IsSurrogate(text[index]))
            return text[index];
        return index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1])
            ? char.ConvertToUtf32(text[index], text[index + 1])
            : throw Error("half a surrogate pair");
    }
}
