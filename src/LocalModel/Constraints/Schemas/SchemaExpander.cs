using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// Turns schemas that hold together into alternatives without choices: references are followed, <c>allOf</c> is merged, and every
/// <c>anyOf</c>, <c>oneOf</c>, <c>if</c>, <c>not</c> and dependent schema is decided one way or the other.
/// </summary>
internal sealed class SchemaExpander(SchemaFactory factory, bool openObjects, Action<SchemaWarning> warn)
{
    private const int MostAlternatives = 200;
    private const int MostSteps = 2_000;

    private readonly List<SchemaSet> alternatives = [];
    private bool excludesOthers;
    private int steps;

    internal List<SchemaSet> Expand(IReadOnlyList<Schema> schemas)
    {
        foreach (var exact in new[] { true, false })
        {
            alternatives.Clear();
            (excludesOthers, steps) = (exact, 0);
            if (Expand([], new Stack<Schema>(schemas.Reverse()), new Queue<IReadOnlyList<Schema>>()))
                return [.. alternatives];
            if (exact)
                Warn("oneOf", "Too many combinations; that no second alternative fits is checked only when the value is finished.");
        }

        Warn("anyOf", $"Too many combinations of alternatives; only the first {alternatives.Count} are generated.");
        return alternatives.Count > 0
            ? [.. alternatives]
            : throw new UserInputException(schemas[0].Path, "The schema combines too many alternatives.");

        void Warn(string keyword, string message) => warn(new SchemaWarning(schemas[0].Path, keyword, message));
    }

    /// <returns>False when there are too many combinations.</returns>
    private bool Expand(List<Schema> taken, Stack<Schema> pending, Queue<IReadOnlyList<Schema>> choices)
    {
        var types = taken.Aggregate(JsonTypes.Any, (all, s) => all & (s.Types ?? JsonTypes.Any));
        while (pending.TryPop(out var schema))
        {
            if (taken.Contains(schema))
                continue;
            taken.Add(schema);
            types &= schema.Types ?? JsonTypes.Any;
            if (schema.Always == false || types == JsonTypes.None)
                return true;
            Follow(schema, pending);
            foreach (var choice in Choices(schema))
                choices.Enqueue(choice);
        }

        if (choices.Count == 0)
            alternatives.Add(new SchemaSet(taken));
        else if (++steps > MostSteps || alternatives.Count >= MostAlternatives)
            return false;
        return choices.Count == 0 ||
            choices.Dequeue().All(branch => Expand([.. taken], new Stack<Schema>([branch]), new Queue<IReadOnlyList<Schema>>(choices)));
    }

    private void Follow(Schema schema, Stack<Schema> pending)
    {
        if (schema.Not is not null)
            pending.Push(factory.Opposite(schema.Not));
        foreach (var part in schema.AllOf.Reverse())
            pending.Push(part);
        if (schema.Reference is not null)
            pending.Push(schema.Reference);
    }

    private IEnumerable<IReadOnlyList<Schema>> Choices(Schema schema)
    {
        if (schema.AnyOf.Count > 0)
            yield return schema.AnyOf;
        if (schema.OneOf.Count > 0)
            yield return excludesOthers ? [.. schema.OneOf.Select((_, i) => Only(schema.OneOf, i))] : schema.OneOf;
        if (schema.If is not null && (schema.Then is not null || schema.Else is not null))
            yield return factory.Branches(schema);
        foreach (var dependent in schema.DependentSchemas)
            yield return factory.Dependent(schema, dependent.Name, dependent.Schema);
    }

    /// <summary>One alternative of <c>oneOf</c> without the values of those others that it may share values with.</summary>
    private Schema Only(IReadOnlyList<Schema> all, int index) => Enumerable.Range(0, all.Count)
        .Where(other => other != index && !SchemaOverlap.AreDisjoint(all[index], all[other], openObjects))
        .Aggregate(all[index], (schema, other) => factory.Without(schema, all[other]));
}
