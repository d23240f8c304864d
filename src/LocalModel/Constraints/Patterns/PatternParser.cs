using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Patterns;

/// <summary>
/// Reads the regular expressions of JSON Schema (ECMA-262 with the <c>u</c> flag) without back references, word boundaries and look-behind.
/// </summary>
/// <exception cref="FormatException">The text is no regular expression.</exception>
/// <exception cref="UnsupportedPatternException">It is one that cannot be an automaton.</exception>
internal sealed class PatternParser : NotationReader
{
    private const int DeepestNesting = 100;

    private int depth;

    private PatternParser(string text)
        : base(text)
    {
    }

    internal static PatternNode Parse(string text)
    {
        var parser = new PatternParser(text);
        var node = parser.Alternatives();
        return parser.At == text.Length ? node : throw parser.Error("an unmatched ')'");
    }

    protected override FormatException Error(int position, string what) => new($"at character {position + 1}: {what}");

    protected override UnsupportedPatternException TooMany(int position, int most) => new($"counts above {most:N0}");

    private FormatException Error(string what) => Error(At, what);

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
        while (At < Text.Length && Text[At] is not ('|' or ')'))
            items.Add(Quantified(Atom()));
        return items.Count == 1 ? items[0] : new PatternNode.InOrder(items);
    }

    private PatternNode Atom()
    {
        switch (Text[At])
        {
            case '(':
                At++;
                return Group();
            case '[':
                At++;
                return new PatternNode.One(Class());
            case '^' or '$':
                return new PatternNode.Anchor(Text[At++] == '^');
            case '.':
                At++;
                return new PatternNode.One(CharacterClasses.Dot);
            case '\\':
                At++;
                return new PatternNode.One(Escape(inClass: false));
            case '*' or '+' or '?':
                throw Error($"'{Text[At]}' has nothing to repeat");
            default:
                return new PatternNode.One(CharSet.Single(Scalar()));
        }
    }

    private PatternNode Group()
    {
        Func<PatternNode, PatternNode> wrap = node => node;
        if (Take("?=") || Take("?!"))
        {
            var isNegative = Text[At - 1] == '!';
            wrap = node => new PatternNode.LookAhead(node, isNegative);
        }
        else if (Take("?<=") || Take("?<!"))
        {
            throw new UnsupportedPatternException("look-behind");
        }
        else if (Take("?<"))
        {
            var end = Text.IndexOf('>', At);
            At = end > At ? end + 1 : throw Error("a group name without '>'");
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
        if (At < Text.Length && Text[At] is '*' or '+')
            throw Error($"'{Text[At]}' has nothing to repeat");
        return new PatternNode.Repeated(atom, bounds.Minimum, bounds.Maximum);
    }

    /// <summary><c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; any other brace is an ordinary character, as browsers read it.</summary>
    private (int, int?)? Counts()
    {
        var start = At;
        if (Take('{') && Count() is { } minimum)
        {
            int? maximum = minimum;
            if (Take(','))
                maximum = Count();
            if (Take('}'))
                return minimum <= (maximum ?? int.MaxValue) ? (minimum, maximum) : throw Error("a count with its bounds upside down");
        }

        At = start;
        return null;
    }

    private CharSet Class()
    {
        var isNegative = Take('^');
        var set = CharSet.Empty;
        while (!Take(']'))
        {
            var (part, single) = ClassAtom();
            if (single is { } first && At + 1 < Text.Length && Text[At] == '-' && Text[At + 1] != ']')
            {
                At++;
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
        if (At >= Text.Length)
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
        if (At >= Text.Length)
            throw Error("a '\\' with nothing after it");
        var letter = Text[At++];
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
            'c' when At < Text.Length && char.IsAsciiLetter(Text[At]) => CharSet.Single(Text[At++] & 31),
            'p' or 'P' => Property(letter == 'P'),
            'k' or (>= '1' and <= '9') => throw new UnsupportedPatternException("back references"),
            _ when char.IsAsciiLetterOrDigit(letter) => throw Error($"the unknown escape '\\{letter}'"),
            _ => CharSet.Single(ScalarAgain()),
        };
    }

    private CharSet Property(bool isNegative)
    {
        var end = Take('{') ? Text.IndexOf('}', At) : -1;
        if (end < 0)
            throw Error("a '\\p' without '{…}'");
        var name = Text[At..end];
        At = end + 1;
        var set = CharacterClasses.Property(name) ?? throw new UnsupportedPatternException($"the character property '{name}'");
        return isNegative ? set.Complement() : set;
    }

    private int UnicodeEscape()
    {
        if (Take('{'))
        {
            var end = Text.IndexOf('}', At);
            var digits = end < 0 ? 0 : end - At;
            if (digits is < 1 or > 8)
                throw Error("a '\\u{' without '}'");
            var value = Hex(digits);
            At++;
            return value is >= 0 and <= 0x10FFFF ? value : throw Error("a character beyond U+10FFFF");
        }

        var high = Hex(4);
        if (high is < 0xD800 or > 0xDBFF || !Take("\\u"))
            return high;
        return Hex(4) is var low and >= 0xDC00 and <= 0xDFFF
            ? char.ConvertToUtf32((char)high, (char)low)
            : throw Error("half a surrogate pair");
    }

    private int Hex(int digits) => Hex(digits, At);

    private int ScalarAgain()
    {
        At--;
        return Scalar();
    }
}
