using System.Collections.Concurrent;
using System.Text;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Patterns;

/// <summary>The named character classes of ECMA-262 regular expressions.</summary>
internal static class CharacterClasses
{
    private static readonly ConcurrentDictionary<string, CharSet?> Properties = [];

    private static readonly Dictionary<string, string> LongNames = new()
    {
        ["Letter"] = "L", ["Lowercase_Letter"] = "Ll", ["Uppercase_Letter"] = "Lu", ["Mark"] = "M", ["Number"] = "N", ["Decimal_Number"] = "Nd",
        ["Punctuation"] = "P", ["Symbol"] = "S", ["Separator"] = "Z", ["Space_Separator"] = "Zs", ["Other"] = "C", ["Control"] = "Cc",
    };

    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary><c>\d</c>.</summary>
    internal static CharSet Digit { get; } = CharSet.Range('0', '9');

    /// <summary><c>\w</c>.</summary>
    internal static CharSet Word { get; } = CharSet.Of([('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]);

    /// <summary><c>\s</c>: white space and line ends.</summary>
    internal static CharSet Space { get; } = CharSet.Of(
    [
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    ]);

    /// <summary><c>.</c>: everything but line ends.</summary>
    internal static CharSet Dot { get; } = CharSet.Of([('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)]).Complement();

    /// <summary>A general category by its short or long name, or <c>null</c> when it is not known here.</summary>
    internal static CharSet? Property(string name)
    {
        var category = name.StartsWith("General_Category=", StringComparison.Ordinal) ? name["General_Category=".Length..] : name;
        return Properties.GetOrAdd(LongNames.GetValueOrDefault(category, category), Collect);
    }

    private static CharSet? Collect(string category)
    {
        var wanted = Categories.Select(c => c.StartsWith(category, StringComparison.Ordinal) && category.Length is 1 or 2 ? c : null).ToArray();
        if (wanted.All(c => c is null) || category.Length == 0)
            return null;
        var ranges = new List<(int, int)>();
        for (int scalar = 0, start = -1; scalar <= 0x110000; scalar++)
        {
            var inside = scalar < 0x110000 && Rune.IsValid(scalar) && wanted[(int)Rune.GetUnicodeCategory(new Rune(scalar))] is not null;
            if (inside && start < 0)
                start = scalar;
            if (!inside && start >= 0)
            {
                ranges.Add((start, scalar - 1));
                start = -1;
            }
        }

        return CharSet.Of(ranges);
    }
}
