using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// Builds the grammar of the values that fit a schema. Each set of schemas that holds for some value becomes one rule, so recursion ends.
/// </summary>
internal sealed class SchemaGrammarBuilder
{
    private readonly Dictionary<(JsonStyle, string), GrammarRule> rules = [];
    private readonly Queue<Action> undefined = new();
    private readonly Dictionary<(string, string), SchemaWarning> warnings = [];

    internal SchemaGrammarBuilder(SchemaDocument document, JsonSchemaOptions options, JsonStyle style)
    {
        Options = options;
        foreach (var warning in document.Warnings)
            Warn(warning);
        var factory = new SchemaFactory(Warn);
        Expander = new SchemaExpander(factory, options.OpenObjects, Warn);
        Root = NamedRuleFor([document.Root], style);
        while (undefined.TryDequeue(out var define))
            define();
    }

    internal JsonSchemaOptions Options { get; }

    internal SchemaExpander Expander { get; }

    internal GrammarRule Root { get; }

    internal IReadOnlyCollection<SchemaWarning> Warnings => warnings.Values;

    internal void Warn(SchemaWarning warning) => warnings.TryAdd((warning.Path, warning.Keyword), warning);

    internal void Warn(SchemaSet set, string keyword, string message) => Warn(new SchemaWarning(set.Schemas[0].Path, keyword, message));

    /// <summary>The rule of the values for which all of <paramref name="schemas"/> hold; none mean any value.</summary>
    internal GrammarExpression RuleFor(IReadOnlyList<Schema> schemas, JsonStyle style)
    {
        var all = schemas.Where(s => s.Always != true).Distinct().ToArray();
        return all.Length == 0 ? style.FreeValue : NamedRuleFor(all, style);
    }

    private GrammarRule NamedRuleFor(Schema[] schemas, JsonStyle style)
    {
        var key = (style, string.Join(',', schemas.Select(s => s.Id).Order()));
        if (!rules.TryGetValue(key, out var rule))
        {
            rules[key] = rule = Grammar.Rule(schemas[0].Path);
            undefined.Enqueue(() => rule.Define(Grammar.Choice([.. Expander.Expand(schemas).Select(set => Build(set, style))])));
        }

        return rule;
    }

    private GrammarExpression Build(SchemaSet set, JsonStyle style)
    {
        if (set.Values is { } values)
            return Grammar.Choice([.. values.Select(style.Value)]);
        var types = set.Types;
        var excluded = set.Excluded.ToArray();
        if (types == JsonTypes.Any && excluded.Length == 0 && set.Schemas.All(s => SchemaSet.Meant(s) == JsonTypes.None))
            return style.FreeValue;
        var alternatives = new List<GrammarExpression>();
        if (types.HasFlag(JsonTypes.Null) && !excluded.Any(v => v.ValueKind == JsonValueKind.Null))
            alternatives.Add(style.Word(JsonValueKind.Null));
        if (types.HasFlag(JsonTypes.Boolean))
        {
            alternatives.AddRange(new[] { JsonValueKind.True, JsonValueKind.False }
                .Where(kind => !excluded.Any(v => v.ValueKind == kind)).Select(style.Word));
        }

        if ((types & JsonTypes.Number) != 0)
            alternatives.Add(Number(set, types & JsonTypes.Number, style));
        if (types.HasFlag(JsonTypes.String))
            alternatives.Add(TextGrammar.Build(this, set, style));
        if (types.HasFlag(JsonTypes.Array))
            alternatives.Add(ArrayGrammar.Build(this, set, style));
        if (types.HasFlag(JsonTypes.Object))
            alternatives.Add(ObjectGrammar.Build(this, set, style));
        if (excluded.Any(v => (SchemaCheck.TypeOf(v) & types & (JsonTypes.Array | JsonTypes.Object)) != 0))
            Warn(set, "not", "An excluded list or object is found only when the value is finished.");
        return Grammar.Choice([.. alternatives]);
    }

    private GrammarExpression Number(SchemaSet set, JsonTypes types, JsonStyle style)
    {
        var excluded = set.Excluded.Where(v => v.ValueKind == JsonValueKind.Number)
            .Select(v => ExactNumber.TryParse(v, out var number) ? number : default).ToArray();
        var units = set.Schemas.Where(s => s.MultipleOf is not null).Select(s => s.MultipleOf!.Value).ToList();
        var (lower, upper) = (set.Lower, set.Upper);
        if (lower is null && upper is null && units.Count == 0 && excluded.Length == 0 && types != JsonTypes.Fraction)
            return style.FreeNumber(fraction: types == JsonTypes.Number);
        try
        {
            var languages = units.Where(NumberLanguage.CanDivideBy).Select(u => (ExactNumber?)u).DefaultIfEmpty()
                .Select(unit => NumberLanguage.Build(types, lower, upper, unit, excluded, Options.MaxDigits)).ToArray();
            if (units.Any(u => !NumberLanguage.CanDivideBy(u)))
                Warn(set, "multipleOf", "The divisor has too many digits; multiples are checked only when the value is finished.");
            return new GrammarExpression.OfAutomaton(
                languages.Aggregate((a, b) => a.Intersect(b)), digits => new GrammarExpression.OneCharacter(digits));
        }
        catch (UserInputException)
        {
            Warn(set, "minimum", "The bounds have too many digits; they are checked only when the value is finished.");
            return style.FreeNumber(fraction: types != JsonTypes.Integer);
        }
    }
}
