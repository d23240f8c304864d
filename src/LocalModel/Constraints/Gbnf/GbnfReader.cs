using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Gbnf;

/// <summary>
/// Reads GBNF, the grammar notation of llama.cpp: rules <c>name ::= …</c> of literals, character classes, rule names, groups, alternatives
/// and repetitions. References to tokens (<c>&lt;…&gt;</c>) are not read.
/// </summary>
internal sealed class GbnfReader : NotationReader
{
    private const int DeepestNesting = 100;

    private readonly Dictionary<string, (GrammarRule Rule, int FirstUse)> rules = [];
    private int depth;

    private GbnfReader(string text)
        : base(text)
    {
    }

    /// <summary>The rule named <c>root</c>.</summary>
    /// <exception cref="UserInputException">The text is malformed; the message names line and column.</exception>
    internal static GrammarRule Read(string text) => new GbnfReader(text).ReadRules();

    private GrammarRule ReadRules()
    {
        SkipBlank(overLines: true);
        while (At < Text.Length)
        {
            var start = At;
            var name = Name() ?? throw Error(At, $"found '{Current}', a rule name was expected");
            SkipBlank(overLines: false);
            if (!Take("::="))
                throw Error(At, $"'::=' was expected after the rule name '{name}'");
            var rule = RuleNamed(name, start);
            if (rule.Body is not null)
                throw Error(start, $"the rule '{name}' is defined twice");
            SkipBlank(overLines: true);
            rule.Define(Alternatives());
            if (At < Text.Length && Text[At] is not ('\r' or '\n'))
                throw Error(At, $"found '{Current}', the end of the line was expected");
            SkipBlank(overLines: true);
        }

        foreach (var (name, (rule, firstUse)) in rules.Where(r => r.Value.Rule.Body is null))
            throw Error(firstUse, $"the rule '{name}' is used but not defined");
        return rules.TryGetValue("root", out var root) ? root.Rule : throw Error(Text.Length, "there is no rule 'root'");
    }

    private Rune Current => At >= Text.Length ? (Rune)'␄' : Rune.TryGetRuneAt(Text, At, out var rune) ? rune : Rune.ReplacementChar;

    protected override UserInputException Error(int position, string what)
    {
        var before = Text[..Math.Min(position, Text.Length)];
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

    private void SkipBlank(bool overLines)
    {
        for (; At < Text.Length; At++)
        {
            if (Text[At] == '#')
                At = Text.IndexOfAny(['\r', '\n'], At) is >= 0 and var end ? end : Text.Length;
            if (At >= Text.Length || !(Text[At] is ' ' or '\t' || (overLines && Text[At] is '\r' or '\n')))
                return;
        }
    }

    private string? Name()
    {
        var start = At;
        while (At < Text.Length && (char.IsAsciiLetterOrDigit(Text[At]) || Text[At] is '-' or '_'))
            At++;
        return At > start ? Text[start..At] : null;
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
        while (At < Text.Length && Item() is { } item)
        {
            items.Add(Repeated(item));
            SkipBlank(overLines: depth > 0);
        }

        return Grammar.Sequence([.. items]);
    }

    private GrammarExpression? Item()
    {
        switch (Text[At])
        {
            case '"':
                return Literal();
            case '[':
                return Class();
            case '.':
                At++;
                return new GrammarExpression.OneCharacter(CharSet.All);
            case '(':
                return Group();
            case '<' or '!':
                throw Error(At, "references to tokens cannot be read; write the token's text as a literal");
            default:
                var start = At;
                return Name() is { } name ? RuleNamed(name, start) : null;
        }
    }

    private GrammarExpression Group()
    {
        var start = At++;
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
        for (var start = At; At < Text.Length; start = At)
        {
            (int Minimum, int? Maximum)? bounds = Text[At] switch
            {
                '*' => (0, null),
                '+' => (1, null),
                '?' => (0, 1),
                '{' => Counts(),
                _ => null,
            };
            if (bounds is not { } counts)
                break;
            if (Text[start] != '{')
                At++;
            if (counts.Minimum > (counts.Maximum ?? int.MaxValue))
                throw Error(start, $"a repetition of {counts.Minimum} to {counts.Maximum} times");
            item = Grammar.Repeat(item, counts.Minimum, counts.Maximum);
            SkipBlank(overLines: false);
        }

        return item;
    }

    private (int Minimum, int? Maximum) Counts()
    {
        var start = At++;
        SkipBlank(overLines: true);
        var minimum = Count();
        SkipBlank(overLines: true);
        var maximum = minimum;
        var isRange = Take(",");
        if (isRange)
        {
            SkipBlank(overLines: true);
            maximum = Count();
            SkipBlank(overLines: true);
        }

        if (!Take("}") || (minimum is null && maximum is null))
            throw Error(start, "a repetition is written {m}, {m,}, {,n} or {m,n}");
        return (minimum ?? 0, maximum);
    }

    private GrammarExpression Literal()
    {
        var start = At++;
        var content = new StringBuilder();
        while (At < Text.Length && Text[At] != '"')
            content.Append(Character().ToString());
        return Take("\"") ? Grammar.Literal(content.ToString()) : throw Error(start, "a literal without its closing '\"'");
    }

    private GrammarExpression.OneCharacter Class()
    {
        var start = At++;
        var isNegative = Take("^");
        var ranges = new List<(int, int)>();
        while (At < Text.Length && Text[At] != ']')
        {
            var from = At;
            var first = Character();
            var last = first;
            if (At + 1 < Text.Length && Text[At] == '-' && Text[At + 1] != ']')
            {
                At++;
                last = Character();
            }

            ranges.Add(first <= last ? (first.Value, last.Value) : throw Error(from, "a range with its ends upside down"));
        }

        var set = CharSet.Of(ranges);
        return Take("]") ? new GrammarExpression.OneCharacter(isNegative ? set.Complement() : set) : throw Error(start, "a '[' without ']'");
    }

    private Rune Character()
    {
        var start = At;
        if (Text[At] != '\\')
            return new Rune(Scalar());

        At++;
        var letter = At < Text.Length ? Text[At++] : throw Error(start, "a '\\' with nothing after it");
        return letter switch
        {
            'n' => (Rune)'\n',
            'r' => (Rune)'\r',
            't' => (Rune)'\t',
            '"' or '\\' or '[' or ']' or '-' or '^' => (Rune)letter,
            'x' => CharacterOf(2, start),
            'u' => CharacterOf(4, start),
            'U' => CharacterOf(8, start),
            _ => throw Error(start, $"the unknown escape '\\{letter}'"),
        };
    }

    private Rune CharacterOf(int digits, int start)
    {
        var value = Hex(digits, start);
        return Rune.IsValid(value) ? new Rune(value) : throw Error(start, $"U+{value:X} is no character");
    }
}
