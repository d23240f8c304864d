using System.Text.RegularExpressions;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Facts;

/// <summary>
/// What a fact gives a value to, read from plain forms of English: "the door code is 4711", "Ann's phone is …", "my dog's name is …",
/// "I live in …", "timezone: UTC". Two facts with one slot and different values cannot both hold; of other facts nothing is assumed.
/// </summary>
/// <param name="Subject">Whom or what it is about; <c>user</c> for "I" and "my"; empty where only the thing is named.</param>
/// <param name="Predicate">Which of its properties.</param>
/// <param name="Value">The value.</param>
public sealed partial record FactSlot(string Subject, string Predicate, string Value)
{
    private const string User = "user";

    // What follows "is" in these says a kind, a place or a time, of which a thing has several at once.
    private const string IsValue = @" (?:is|are) (?!(?:not|an?|in|on|at|from|with|under|very)\b)(?<v>.+)$";

    private const string UpToIs = "(?:(?! (?:is|are) ).){1,60}?";

    /// <summary>Equal for slots that mean the same: folded, stemmed, without articles.</summary>
    public string Key => $"{Terms(Subject)}|{Terms(Predicate)}";

    /// <summary>The slot of a text; <c>null</c> when it has none of these forms.</summary>
    /// <param name="text">One sentence.</param>
    public static FactSlot? Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string sentence = text.Trim().TrimEnd('.', '!');
        foreach (Regex form in (Regex[])[Labelled(), Verb(), Mine(), PropertyOf(), Possessive(), Definite()])
        {
            Match match = form.Match(sentence);
            if (!match.Success) continue;
            string subject = match.Groups["s"].Success ? match.Groups["s"].Value.Trim() : form == Mine() ? User : "";
            if (subject.ToLowerInvariant() is "i" or "me" or "the user" or "my") subject = User;
            var slot = new FactSlot(subject, match.Groups["p"].Value.Trim(), match.Groups["v"].Value.Trim());
            return Terms(slot.Predicate).Length > 0 ? slot : null;
        }

        return null;
    }

    private static string Terms(string text) => string.Join(' ', Analyzer.TermsOf(text));

    // A label that only says "this is a note" names no property.
    [GeneratedRegex(
        @"^(?!(?:notes?|to-?dos?|reminders?|remember|facts?)\b)(?<p>[\p{L}\p{N}][\p{L}\p{N} _-]{0,60}?)(?::\s+|\s*=\s*)(?<v>\S.*)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Labelled();

    [GeneratedRegex(
        @"^(?<s>.{1,60}?) (?<p>lives? in|works? (?:at|for)|(?:is|am) (?:called|named)|(?:was|were) born (?:in|on)) (?<v>.+)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Verb();

    [GeneratedRegex("^(?:my|our) (?<p>" + UpToIs + ")" + IsValue, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mine();

    [GeneratedRegex("^(?:the )?(?<p>(?:(?! (?:is|are) )[^']){1,60}?) of (?<s>" + UpToIs + ")" + IsValue, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PropertyOf();

    [GeneratedRegex("^(?<s>.{1,60}?)['’]s? (?<p>" + UpToIs + ")" + IsValue, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Possessive();

    [GeneratedRegex("^the (?<p>" + UpToIs + ")" + IsValue, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Definite();
}
