using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>The grammar of strings under the keywords for strings.</summary>
internal static class TextGrammar
{
    internal static GrammarExpression Build(SchemaGrammarBuilder builder, SchemaSet set, JsonStyle style)
    {
        var (minimum, maximum) = (set.MinLength, set.MaxLength);
        if (minimum > (maximum ?? int.MaxValue))
            return Grammar.Choice();
        var language = Conditions(builder, set);
        if (language is null)
        {
            return minimum == 0 && maximum is null
                ? style.FreeText
                : Writable(builder, set, style, "maxLength", () => style.Text(minimum, maximum));
        }

        return Limited(builder, set, language) is { IsEmpty: false } limited
            ? Writable(builder, set, style, "pattern", () => style.Text(limited))
            : Grammar.Choice();
    }

    /// <summary>A condition that is too large together with what strings of the style must not contain gives way to it.</summary>
    private static GrammarExpression Writable(
        SchemaGrammarBuilder builder, SchemaSet set, JsonStyle style, string keyword, Func<GrammarExpression> build)
    {
        try
        {
            return build();
        }
        catch (UserInputException)
        {
            builder.Warn(set, keyword, "In the syntax of the model's calls this is checked only when the value is finished.");
            return style.FreeText;
        }
    }

    /// <summary>The texts that fit all keywords for strings, lists of values included; for names of members.</summary>
    internal static Dfa Language(SchemaGrammarBuilder builder, SchemaSet set)
    {
        if (set.Values is { } values)
            return Dfa.OfTexts(values.Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!));
        return set.Types.HasFlag(JsonTypes.String) ? Limited(builder, set, Conditions(builder, set) ?? Dfa.All) : Dfa.OfTexts([]);
    }

    private static Dfa Limited(SchemaGrammarBuilder builder, SchemaSet set, Dfa language)
    {
        var (minimum, maximum) = (set.MinLength, set.MaxLength);
        if (minimum == 0 && maximum is null)
            return language;
        var (shortest, longest) = language.Lengths();
        if (minimum <= shortest && (maximum is null || longest <= maximum))
            return language;
        try
        {
            return language.WithLength(minimum, maximum);
        }
        catch (UserInputException)
        {
            builder.Warn(set, "maxLength", "Together with the pattern or format the length is checked only when the value is finished.");
            return language;
        }
    }

    /// <summary>Patterns, formats and exclusions as one automaton; <c>null</c> without any.</summary>
    private static Dfa? Conditions(SchemaGrammarBuilder builder, SchemaSet set)
    {
        var languages = new List<Dfa>();
        foreach (var schema in set.Schemas)
        {
            if (schema.Pattern?.Automaton is { } pattern)
                languages.Add(schema.PatternIsNegated ? pattern.Complement() : pattern);
            if (schema.Format is { } format && TextFormats.IsKnown(format))
                languages.Add(TextFormats.Of(format));
        }

        var excluded = set.Excluded.Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!).ToArray();
        if (excluded.Length > 0)
            languages.Add(Dfa.OfTexts(excluded).Complement());
        return languages.Count == 0 ? null : Together(builder, set, languages);
    }

    private static Dfa Together(SchemaGrammarBuilder builder, SchemaSet set, List<Dfa> languages)
    {
        var all = languages[0];
        foreach (var language in languages.Skip(1))
        {
            try
            {
                all = all.Intersect(language);
            }
            catch (UserInputException)
            {
                builder.Warn(set, "pattern", "The patterns together are too complex; some are checked only when the value is finished.");
            }
        }

        return all;
    }
}
