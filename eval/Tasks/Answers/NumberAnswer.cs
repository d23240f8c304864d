using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentKit.Eval.Tasks.Answers;

/// <summary>Finds the number that a worked solution ends with.</summary>
internal static partial class NumberAnswer
{
    /// <summary>The last number behind a mark: <c>####</c>, <c>A:</c> or <c>the answer is</c>; <c>null</c> when there is none.</summary>
    public static string? Marked(string text) => MarkedNumber().Matches(text) is { Count: > 0 } found ? found[^1].Groups[1].Value : null;

    /// <summary>The last number of all; <c>null</c> when there is none.</summary>
    public static string? Last(string text) => AnyNumber().Matches(text) is { Count: > 0 } found ? found[^1].Value : null;

    /// <summary>Whether both are numbers and equal: <c>$1,000.00</c> is <c>1000</c>.</summary>
    public static bool AreEqual(string? one, string? other) => Value(one) is { } left && Value(other) is { } right && left == right;

    private static decimal? Value(string? text) => text is not null && decimal.TryParse(
        text.Replace(",", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal).TrimEnd('.'),
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
        CultureInfo.InvariantCulture,
        out decimal value) ? value : null;

    [GeneratedRegex(@"(?:####|\bA:|[Tt]he (?:final )?answer is:?)\s*\**(-?[0-9.,$]+)", RegexOptions.CultureInvariant)]
    private static partial Regex MarkedNumber();

    [GeneratedRegex(@"-?\$?[0-9][0-9.,]*", RegexOptions.CultureInvariant)]
    private static partial Regex AnyNumber();
}
