using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>The grammar of arrays under the keywords for arrays.</summary>
internal static class ArrayGrammar
{
    internal static GrammarExpression Build(SchemaGrammarBuilder builder, SchemaSet set, JsonStyle style)
    {
        var (minimum, maximum) = (set.MinItems, set.MaxItems);
        if (minimum > (maximum ?? int.MaxValue))
            return Grammar.Choice();
        if (maximum == 0)
            return style.Array(Grammar.Literal(string.Empty));
        var prefix = set.Schemas.Max(s => s.PrefixItems.Count);
        if (prefix == 0 && set.Schemas.Any(s => s.UniqueItems) && FiniteItems(builder, set, style) is { } values)
            return Set(style, values, minimum, maximum);

        var isDistinct = set.Schemas.Any(s => s.UniqueItems);
        var containers = set.Schemas.Where(s => s.Contains is not null).ToArray();
        foreach (var further in containers.Skip(1))
            builder.Warn(new SchemaWarning(further.Path, "contains", "A second 'contains' is checked only when the value is finished."));
        if (isDistinct && !style.CanWatch)
            builder.Warn(set, "uniqueItems", "In the syntax of the model's calls this is checked only when the value is finished.");
        var bodies = Enumerable.Range(0, prefix + 1).Select(i => style.Item(builder.RuleFor(ItemSchemas(set, i), style.Inner)));
        if (containers.Length == 0)
            return List(style, isDistinct, new ItemsLoop(prefix, false, minimum, maximum, 0), bodies);
        var container = containers[0];
        if (container.MaxContains is not null)
            builder.Warn(new SchemaWarning(container.Path, "maxContains", "The upper count is checked only when the value is finished."));
        var marked = Enumerable.Range(0, prefix + 1).Select(i => style.Item(builder.RuleFor([.. ItemSchemas(set, i), container.Contains!], style.Inner)));
        return List(style, isDistinct, new ItemsLoop(prefix, true, minimum, maximum, container.MinContains ?? 1), bodies.Concat(marked));
    }

    private static GrammarExpression List(JsonStyle style, bool isDistinct, Loop loop, IEnumerable<GrammarExpression> bodies) => isDistinct
        ? style.DistinctArray(new GrammarExpression.Looped(loop, [style.Distinct(style.Comma), .. bodies.Select(style.Distinct)]))
        : style.Array(new GrammarExpression.Looped(loop, [style.Comma, .. bodies]));

    private static Schema[] ItemSchemas(SchemaSet set, int index) =>
        [.. set.Schemas.Select(s => s.ForItem(index)).Where(s => s is not null).Select(s => s!)];

    /// <summary>The texts of all items when they are few: then each may be ticked off.</summary>
    private static List<GrammarExpression>? FiniteItems(SchemaGrammarBuilder builder, SchemaSet set, JsonStyle style)
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

        texts.AddRange(seen.Select(value => style.Item(style.Inner.Value(value))));
        return texts.Count <= MembersLoop.MostRemembered ? texts : null;
    }

    private static GrammarExpression Set(JsonStyle style, List<GrammarExpression> values, int minimum, int? maximum)
    {
        var loop = new MembersLoop { Names = values.Count, Required = new bool[values.Count], Minimum = minimum, Maximum = maximum };
        return List(style, false, loop, values);
    }
}
