using AgentKit.Models.Constraints.Automata;
using AgentKit.Models.Constraints.Patterns;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Names that stand without quotes.</summary>
internal static class Identifiers
{
    private static readonly Lazy<Dfa> Language = new(() => PatternAutomaton.Build(PatternParser.Parse("^[A-Za-z_][A-Za-z0-9_]{0,63}$")));

    internal static bool Contains(string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && !char.IsAsciiDigit(name[0]);

    /// <summary>The identifiers of a language.</summary>
    internal static GrammarExpression Of(Dfa language)
    {
        Dfa names = ReferenceEquals(language, Dfa.All) ? Language.Value : language.Intersect(Language.Value);
        return names.IsEmpty
            ? Grammar.Choice()
            : new GrammarExpression.OfAutomaton(names, static set => new GrammarExpression.OneCharacter(set));
    }
}
