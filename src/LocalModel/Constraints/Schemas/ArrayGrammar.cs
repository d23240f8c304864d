using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>The grammar of arrays under the keywords for arrays.</summary>
internal static class ArrayGrammar
{
    internal static GrammarExpression Build(SchemaGrammarBuilder builder, SchemaSet set)
    {
        var (minimum, maximum) = (set.MinItems, set.MaxItems);
        if (minimum > (maximum ?? int.MaxValue))
            return Grammar.Choice();
        if (maximum == 0)
            return Grammar.Sequence(Grammar.Literal("["), builder.Style.Blank, Grammar.Literal("]"));
        var prefix = set.Schemas.Max(s => s.PrefixItems.Count);
        if (prefix == 0 && set.Schemas.Any(s => s.UniqueItems) && FiniteItems(builder, set) is { } values)
            return Set(builder, values, minimum, maximum);

        var isDistinct = set.Schemas.Any(s => s.UniqueItems);
        var containers = set.Schemas.Where(s => s.Contains is not null).ToArray();
        foreach (var further in containers.Skip(1))
            builder.Warn(new SchemaWarning(further.Path, "contains", "A second 'contains' is checked only when the value is finished."));
        var bodies = Enumerable.Range(0, prefix + 1).Select(i => builder.RuleFor(ItemSchemas(set, i)));
        if (containers.Length == 0)
            return List(builder, isDistinct, new ItemsLoop(prefix, false, minimum, maximum, 0), bodies);
        var container = containers[0];
        if (container.MaxContains is not null)
            builder.Warn(new SchemaWarning(container.Path, "maxContains", "The upper count is checked only when the value is finished."));
        var marked = Enumerable.Range(0, prefix + 1).Select(i => builder.RuleFor([.. ItemSchemas(set, i), container.Contains!]));
        return List(builder, isDistinct, new ItemsLoop(prefix, true, minimum, maximum, container.MinContains ?? 1), bodies.Concat(marked));
    }

    private static GrammarExpression List(SchemaGrammarBuilder builder, bool isDistinct, Loop loop, IEnumerable<GrammarExpression> bodies) => isDistinct
        ? builder.Style.DistinctList(
            '[', new GrammarExpression.Looped(loop, [JsonStyle.Distinct(builder.Style.Comma), .. bodies.Select(JsonStyle.Distinct)]), ']')
        : builder.Style.List('[', new GrammarExpression.Looped(loop, [builder.Style.Comma, .. bodies]), ']');

    private static Schema[] ItemSchemas(SchemaSet set, int index) =>
        [.. set.Schemas.Select(s => s.ForItem(index)).Where(s => s is not null).Select(s => s!)];

    /// <summary>The texts of all items when they are few: then each may be ticked off.</summary>
    private static List<GrammarExpression>? FiniteItems(SchemaGrammarBuilder builder, SchemaSet set)
    {
        var alternatives = builder.Expander.Expand(ItemSchemas(set, 0));
        var texts = new List<GrammarExpression>();
        var seen = new List<System.Text.Json.JsonElement>();
        foreach (var alternative in alternatives)
        {
            if (alternative.Schemas.Count == 0 || alternative.Values is not { } values || set.Schemas.Any(s => s.Contains is not null))
                return null;
            seen.AddRange(values.Where(v => !seen.Any(other => System.Text.Json.JsonElement.DeepEquals(other, v))));
        }

        texts.AddRange(seen.Select(builder.Style.Value));
        return texts.Count <= MembersLoop.MostRemembered ? texts : null;
    }

    private static GrammarExpression Set(SchemaGrammarBuilder builder, List<GrammarExpression> values, int minimum, int? maximum)
    {
        var loop = new MembersLoop { Names = values.Count, Required = new bool[values.Count], Minimum = minimum, Maximum = maximum };
        return List(builder, false, loop, values);
    }
}
