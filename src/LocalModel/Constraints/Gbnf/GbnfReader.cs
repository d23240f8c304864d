using System.Globalization;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Gbnf;

/// <summary>
/// Reads GBNF, the grammar notation of llama.cpp: rules <c>name ::= …</c> of literals, character classes, rule names, groups, alternatives
/// and repetitions. References to tokens (<c>&lt;…&gt;</c>) are not read.
/// </summary>
internal sealed class GbnfReader
{
    private const int DeepestNesting = 100;
    private const int LargestCount = 100_000;

    private readonly string text;
    private readonly Dictionary<string, (GrammarRule Rule, int FirstUse)> rules = [];
    private int at;
    private int depth;

    private GbnfReader(string text) => this.text = text;

    /// <summary>The rule named <c>root</c>.</summary>
    /// <exception cref="UserInputException">The text is malformed; the message names line and column.</exception>
    internal static GrammarRule Read(string text) => new GbnfReader(text).ReadRules();

    private GrammarRule ReadRules()
    {
        SkipBlank(overLines: true);
        while (at < text.Length)
        {
            var start = at;
            var name = Name() ?? throw Error(at, $"found '{Current}', a rule name was expected");
            SkipBlank(overLines: false);
            if (!Take("::="))
                throw Error(at, $"'::=' was expected after the rule name '{name}'");
            var rule = RuleNamed(name, start);
            if (rule.Body is not null)
                throw Error(start, $"the rule '{name}' is defined twice");
            SkipBlank(overLines: true);
            rule.Define(Alternatives());
            if (at < text.Length && text[at] is not ('\r' or '\n'))
                throw Error(at, $"found '{Current}', the end of the line was expected");
            SkipBlank(overLines: true);
        }

        foreach (var (name, (rule, firstUse)) in rules.Where(r => r.Value.Rule.Body is null))
            throw Error(firstUse, $"the rule '{name}' is used but not defined");
        return rules.TryGetValue("root", out var root) ? root.Rule : throw Error(text.Length, "there is no rule 'root'");
    }

    private Rune Current => at >= text.Length ? (Rune)'␄' : Rune.TryGetRuneAt(text, at, out var rune) ? rune : Rune.ReplacementChar;

    private UserInputException Error(int position, string what)
    {
        var before = text[..Math.Min(position, text.Length)];
        var line = before.Count(c => c == '\n') + 1;
        var column = before.Length - (before.LastIndexOf('\n') + 1) + 1;
        return new UserInputException("grammar", $"Line {line}, column {column}: {what}.");
    }

    private GrammarRule RuleNamed(string name, int position)
    {
        if (!rules.TryGetValue(name, out var known))
            rules[name] = known = (new GrammarRule(name), position);
        return known.Rule;
    }

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(text, at, expected, 0, expected.Length) != 0)
            return false;
        at += expected.Length;
        return true;
    }

    private void SkipBlank(bool overLines)
    {
        for (; at < text.Length; at++)
        {
            if (text[at] == '#')
                at = text.IndexOfAny(['\r', '\n'], at) is >= 0 and var end ? end : text.Length;
            if (at >= text.Length || !(text[at] is ' ' or '\t' || (overLines && text[at] is '\r' or '\n')))
                return;
        }
    }

    private string? Name()
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '_'))
            at++;
        return at > start ? text[start..at] : null;
    }

    private GrammarExpression Alternatives()
    {
        var items = new List<GrammarExpression> { Sequence() };
        while (Take("|"))
        {
            SkipBlank(overLines: true);
            items.Add(Sequence());
        }

        return Grammar.Choice([.. items]);
    }

    private GrammarExpression Sequence()
    {
        var items = new List<GrammarExpression>();
        while (at < text.Length && Item() is { } item)
        {
            items.Add(Repeated(item));
            SkipBlank(overLines: depth > 0);
        }

        return Grammar.Sequence([.. items]);
    }

    private GrammarExpression? Item()
    {
        switch (text[at])
        {
            case '"':
                return Literal();
            case '[':
                return Class();
            case '.':
                at++;
                return new GrammarExpression.OneCharacter(CharSet.All);
            case '(':
                return Group();
            case '<' or '!':
                throw Error(at, "references to tokens cannot be read; write the token's text as a literal");
            default:
                var start = at;
                return Name() is { } name ? RuleNamed(name, start) : null;
        }
    }

    private GrammarExpression Group()
    {
        var start = at++;
        if (++depth > DeepestNesting)
            throw Error(start, $"groups are nested deeper than {DeepestNesting}");
        SkipBlank(overLines: true);
        var inner = Alternatives();
        depth--;
        return Take(")") ? inner : throw Error(start, "a '(' without ')'");
    }

    private GrammarExpression Repeated(GrammarExpression item)
    {
        SkipBlank(overLines: false);
        for (var start = at; at < text.Length; start = at)
        {
            (int Minimum, int? Maximum)? bounds = text[at] switch
            {
                '*' => (0, null),
                '+' => (1, null),
                '?' => (0, 1),
                '{' => Counts(),
                _ => null,
            };
            if (bounds is not { } counts)
                break;
            if (text[start] != '{')
                at++;
            if (counts.Minimum > (counts.Maximum ?? int.MaxValue))
                throw Error(start, $"a repetition of {counts.Minimum} to {counts.Maximum} times");
            item = Grammar.Repeat(item, counts.Minimum, counts.Maximum);
            SkipBlank(overLines: false);
        }

        return item;
    }

    private (int Minimum, int? Maximum) Counts()
    {
        var start = at++;
        SkipBlank(overLines: true);
        var minimum = Number();
        SkipBlank(overLines: true);
        var maximum = minimum;
        var isRange = Take(",");
        if (isRange)
        {
            SkipBlank(overLines: true);
            maximum = Number();
            SkipBlank(overLines: true);
        }

        if (!Take("}") || (minimum is null && maximum is null))
            throw Error(start, "a repetition is written {m}, {m,}, {,n} or {m,n}");
        return (minimum ?? 0, maximum);
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
            : throw Error(start, $"a count above {LargestCount:N0}");
    }

    private GrammarExpression Literal()
    {
        var start = at++;
        var content = new StringBuilder();
        while (at < text.Length && text[at] != '"')
            content.Append(Character().ToString());
        return Take("\"") ? Grammar.Literal(content.ToString()) : throw Error(start, "a literal without its closing '\"'");
    }

    private GrammarExpression.OneCharacter Class()
    {
        var start = at++;
        var isNegative = Take("^");
        var ranges = new List<(int, int)>();
        while (at < text.Length && text[at] != ']')
        {
            var from = at;
            var first = Character();
            var last = first;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                last = Character();
            }

            ranges.Add(first <= last ? (first.Value, last.Value) : throw Error(from, "a range with its ends upside down"));
        }

        var set = CharSet.Of(ranges);
        return Take("]") ? new GrammarExpression.OneCharacter(isNegative ? set.Complement() : set) : throw Error(start, "a '[' without ']'");
    }

    private Rune Character()
    {
        var start = at;
        if (text[at] != '\\')
        {
            if (!Rune.TryGetRuneAt(text, at, out var plain))
                throw Error(start, "half a surrogate pair");
            at += plain.Utf16SequenceLength;
            return plain;
        }

        at++;
        var letter = at < text.Length ? text[at++] : throw Error(start, "a '\\' with nothing after it");
        return letter switch
        {
            'n' => (Rune)'\n',
            'r' => (Rune)'\r',
            't' => (Rune)'\t',
            '"' or '\\' or '[' or ']' or '-' or '^' => (Rune)letter,
            'x' => Hex(start, 2),
            'u' => Hex(start, 4),
            'U' => Hex(start, 8),
            _ => throw Error(start, $"the unknown escape '\\{letter}'"),
        };
    }

    private Rune Hex(int start, int digits)
    {
        if (at + digits > text.Length ||
            !uint.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Error(start, $"{digits} hexadecimal digits were expected");
        }

        at += digits;
        return Rune.IsValid(value) ? new Rune(value) : throw Error(start, $"U+{value:X} is no character");
    }
}
