using System.Collections.Concurrent;
using AgentKit.Models.Constraints.Automata;
using AgentKit.Models.Constraints.Patterns;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>The formats of strings that are enforced, as regular languages.</summary>
internal static class TextFormats
{
    private const string Date = LeapDay
        + "|[0-9]{4}-(?:02-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01]))";
    private const string LeapDay = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29";
    private const string Clock = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
    private const string Time = Clock + ":[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-]" + Clock + ")";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string HostName = Label + "(?:\\." + Label + ")*";
    private const string Atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string IPv4 = "(?:" + Octet + "\\.){3}" + Octet;
    private const string Group = "[0-9A-Fa-f]{1,4}";
    private const string UriCharacter = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
    private const string UriTail = "(?:\\?(?:" + UriCharacter + "|[/?])*)?(?:#(?:" + UriCharacter + "|[/?])*)?";
    private const string UriHost = "(?:\\[" + IPv6 + "\\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)";
    private const string UriAuthority = "(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?" + UriHost + "(?::[0-9]{0,5})?";

    private const string IPv6 = "(?:(?:" + Group + ":){7}" + Group
        + "|(?:" + Group + ":){1,7}:|(?:" + Group + ":){1,6}:" + Group + "|(?:" + Group + ":){1,5}(?::" + Group + "){1,2}"
        + "|(?:" + Group + ":){1,4}(?::" + Group + "){1,3}|(?:" + Group + ":){1,3}(?::" + Group + "){1,4}"
        + "|(?:" + Group + ":){1,2}(?::" + Group + "){1,5}|" + Group + ":(?::" + Group + "){1,6}|:(?::" + Group + "){1,7}|::"
        + "|(?:" + Group + ":){6}" + IPv4 + "|::(?:" + Group + ":){0,5}" + IPv4 + ")";

    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = "(?:" + Date + ")T" + Time,
        ["uuid"] = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
        ["email"] = Atom + "(?:\\." + Atom + ")*@" + HostName,
        ["hostname"] = HostName,
        ["ipv4"] = IPv4,
        ["ipv6"] = IPv6,
        ["uri"] = "[A-Za-z][A-Za-z0-9+.-]*:(?://" + UriAuthority + "|/?" + UriCharacter + "+)(?:/" + UriCharacter + "*)*" + UriTail,
    };

    private static readonly ConcurrentDictionary<string, Dfa> Automata = [];

    internal static bool IsKnown(string format) => Patterns.ContainsKey(format);

    /// <summary>The texts of a known format.</summary>
    internal static Dfa Of(string format) =>
        Automata.GetOrAdd(format, f => PatternAutomaton.Build(PatternParser.Parse($"^(?:{Patterns[f]})$")));
}
