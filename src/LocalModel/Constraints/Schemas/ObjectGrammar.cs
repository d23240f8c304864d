using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>The grammar of objects under the keywords for objects.</summary>
internal sealed class ObjectGrammar
{
    private const int MostPatterns = 4;
    private const int LargestMinimum = 1_000;

    private readonly SchemaGrammarBuilder builder;
    private readonly SchemaSet set;
    private readonly JsonStyle style;
    private readonly List<SchemaSet> nameRules;

    private ObjectGrammar(SchemaGrammarBuilder builder, SchemaSet set, JsonStyle style)
    {
        (this.builder, this.set, this.style) = (builder, set, style);
        Schema[] rules = [.. set.Schemas.Where(s => s.PropertyNames is not null).Select(s => s.PropertyNames!)];
        nameRules = rules.Length == 0 ? [] : builder.Expander.Expand(rules);
    }

    internal static GrammarExpression Build(SchemaGrammarBuilder builder, SchemaSet set, JsonStyle style)
    {
        if (set.MinProperties > LargestMinimum)
        {
            throw new UserInputException(
                set.Schemas[0].Path + "/minProperties", $"At least {set.MinProperties:N0} members; at most {LargestMinimum:N0} can be asked for.");
        }

        return set.MinProperties > (set.MaxProperties ?? int.MaxValue) ? Grammar.Choice() : new ObjectGrammar(builder, set, style).Build();
    }

    private GrammarExpression Build()
    {
        var declared = Declared();
        var required = set.Schemas.SelectMany(s => s.Required).ToHashSet();
        var names = declared.Where(n => required.Contains(n) || (IsPossible(n) && !IsRefused(n))).ToArray();
        var extras = Extras(declared);
        var needs = Needs(names);
        var remembersAll = names.Length <= MembersLoop.MostRemembered;
        if (!remembersAll && (builder.Options.AnyPropertyOrder || needs.Length > 0))
        {
            builder.Warn(
                set,
                "properties",
                $"More than {MembersLoop.MostRemembered} members come in the order of the schema; dependencies are checked when the value is finished.");
        }

        var loop = new MembersLoop
        {
            Names = names.Length,
            Extras = extras.Count,
            Ordered = !builder.Options.AnyPropertyOrder || !remembersAll,
            Required = [.. names.Select(required.Contains)],
            Needs = remembersAll ? needs : [],
            Minimum = set.MinProperties,
            Maximum = set.MaxProperties,
        };
        var members = names.Select(n => IsPossible(n) ? Member(style.Name(n), MemberSchemas(n)) : Grammar.Choice());
        var content = new GrammarExpression.Looped(loop, [style.Comma, .. members, .. extras]);
        return extras.Count == 0 ? style.Object(content) : style.DistinctObject(content);
    }

    /// <summary>The members that are spoken of by name, in the order of the schemas.</summary>
    private string[] Declared()
    {
        var names = set.Schemas.SelectMany(s => s.Properties.Select(p => p.Name))
            .Concat(set.Schemas.SelectMany(s => s.Required)).Distinct().ToList();
        var dependencies = set.Schemas.SelectMany(s => s.DependentRequired).ToArray();
        for (var before = -1; before < names.Count;)
        {
            before = names.Count;
            foreach (var (name, needs) in dependencies.Where(d => names.Contains(d.Name) || AllowsUndeclared()))
                names.AddRange(needs.Prepend(name).Except(names).ToArray());
        }

        return [.. names];
    }

    private GrammarExpression Member(GrammarExpression key, IReadOnlyList<Schema> value) =>
        style.Member(key, narrowed => builder.RuleFor(narrowed is null ? value : [.. value, narrowed], style.Inner));

    private Schema[] MemberSchemas(string name) => [.. set.Schemas.SelectMany(s => s.ForMember(name))];

    private bool IsRefused(string name) => MemberSchemas(name).Any(s => s.Always == false);

    private bool IsPossible(string name) =>
        set.Schemas.All(s => s.PropertyNames is null || SchemaCheck.IsValid(s.PropertyNames, JsonSerializer.SerializeToElement(name)));

    /// <summary>
    /// For each member the members that must come with it, directly or through others; empty when there are no dependencies.
    /// </summary>
    private int[][] Needs(string[] names)
    {
        var direct = set.Schemas.SelectMany(s => s.DependentRequired).ToArray();
        if (direct.Length == 0)
            return [];
        return [.. names.Select(name => Closure(name).Select(n => Array.IndexOf(names, n)).Where(i => i >= 0).ToArray())];

        HashSet<string> Closure(string name)
        {
            var all = new HashSet<string> { name };
            for (var before = 0; before < all.Count;)
            {
                before = all.Count;
                all.UnionWith(direct.Where(d => all.Contains(d.Name)).SelectMany(d => d.Needs).ToArray());
            }

            all.Remove(name);
            return all;
        }
    }

    /// <summary>The kinds of members that are not declared by name: one for each combination of patterns that a name may match.</summary>
    private List<GrammarExpression> Extras(string[] declared)
    {
        var patterns = set.Schemas.SelectMany(s => s.PatternProperties.Select(p => p.Pattern)).Where(p => p.Automaton is not null)
            .DistinctBy(p => p.Source).Take(MostPatterns + 1).ToArray();
        if (patterns.Length > MostPatterns)
        {
            builder.Warn(
                set, "patternProperties", $"The first {MostPatterns} patterns are enforced, the others are checked when the value is finished.");
            patterns = patterns[..MostPatterns];
        }

        var extras = new List<GrammarExpression>();
        if (!style.CanWriteFreeNames)
        {
            if (patterns.Length > 0 || AllowsUndeclared())
                builder.Warn(set, "additionalProperties", "In the syntax of the model's calls only members that the schema names can be written.");
            return extras;
        }

        for (var matched = 0; matched < 1 << patterns.Length; matched++)
        {
            var chosen = patterns.Where((_, i) => (matched >> i & 1) != 0).ToArray();
            var others = patterns.Except(chosen).ToArray();
            if (chosen.Length == 0 && !AllowsUndeclared())
                continue;
            Schema[] value = [.. set.Schemas.SelectMany(s => ForPatterns(s, [.. chosen.Select(p => p.Source)]))];
            if (value.Any(s => s.Always == false))
                continue;
            var keys = Keys(declared, chosen.Select(p => p.Automaton!), others.Select(p => p.Automaton!));
            extras.AddRange(keys.Select(key => Member(style.Distinct(key), value)));
        }

        return extras;
    }

    /// <summary>The schemas of one object schema for a name that is not declared and matches just these patterns.</summary>
    private static IEnumerable<Schema> ForPatterns(Schema schema, HashSet<string> sources)
    {
        var matching = schema.PatternProperties.Where(p => sources.Contains(p.Pattern.Source)).Select(p => p.Schema).ToArray();
        return matching.Length > 0 || schema.AdditionalProperties is null ? matching : [schema.AdditionalProperties];
    }

    /// <summary>Members nobody speaks of: allowed by the standard, but meant only where nothing is declared.</summary>
    private bool AllowsUndeclared() => builder.Options.OpenObjects
        || set.Schemas.Any(s => s.AdditionalProperties is not null)
        || set.Schemas.All(s => !s.DeclaresProperties && s.Properties.All(p => p.Schema.Always == false) && s.PatternProperties.Count == 0);

    private IEnumerable<GrammarExpression> Keys(string[] declared, IEnumerable<Dfa> matching, IEnumerable<Dfa> others)
    {
        var conditions = matching.Concat(others.Select(o => o.Complement())).ToList();
        if (declared.Length > 0)
            conditions.Add(Dfa.OfTexts(declared).Complement());
        var names = nameRules.Select(rule => TextGrammar.Language(builder, rule)).ToList();
        if (conditions.Count == 0 && names.Count == 0)
            return [style.Name(Dfa.All)];
        return names.DefaultIfEmpty(Dfa.All).Select(name => Together(conditions.Prepend(name)))
            .Where(key => !key.IsEmpty).Select(style.Name);
    }

    private Dfa Together(IEnumerable<Dfa> conditions)
    {
        try
        {
            return conditions.Aggregate((a, b) => a.Intersect(b));
        }
        catch (UserInputException)
        {
            builder.Warn(set, "patternProperties", "The names are too complex together; they are checked when the value is finished.");
            return Dfa.All;
        }
    }
}
