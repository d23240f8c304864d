namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// Makes schemas that stand in no document: opposites and branches. The same question gives the same schema, so that recursion is
/// recognised.
/// </summary>
internal sealed class SchemaFactory(Action<SchemaWarning> warn)
{
    private readonly Dictionary<Schema, Schema> opposites = [];
    private readonly Dictionary<Schema, IReadOnlyList<Schema>> conditions = [];
    private readonly Dictionary<(Schema, Schema), Schema> exclusions = [];
    private readonly Dictionary<(Schema, string), IReadOnlyList<Schema>> dependents = [];
    private int nextId = 1_000_000;

    /// <summary>A new schema.</summary>
    internal Schema Make(string path, Action<Schema>? fill = null, bool? always = null)
    {
        var schema = new Schema { Id = nextId++, Path = path, Always = always };
        fill?.Invoke(schema);
        return schema;
    }

    /// <summary><c>if/then/else</c> as two alternatives that exclude each other.</summary>
    internal IReadOnlyList<Schema> Branches(Schema schema)
    {
        if (!conditions.TryGetValue(schema, out var branches))
        {
            var condition = schema.If!;
            conditions[schema] = branches =
            [
                Make(schema.Path + "/then", s => s.AllOf = schema.Then is null ? [condition] : [condition, schema.Then]),
                Make(schema.Path + "/else", s => (s.Not, s.AllOf) = (condition, schema.Else is null ? [] : [schema.Else])),
            ];
        }

        return branches;
    }

    /// <summary>Either the member is absent, or it is there and the dependent schema holds.</summary>
    internal IReadOnlyList<Schema> Dependent(Schema schema, string name, Schema dependent)
    {
        if (!dependents.TryGetValue((schema, name), out var branches))
        {
            dependents[(schema, name)] = branches =
            [
                Make(schema.Path, s => s.Properties = [(name, Nothing(schema))]),
                Make(schema.Path, s => (s.Required, s.AllOf) = ([name], [dependent])),
            ];
        }

        return branches;
    }

    /// <summary><paramref name="schema"/> without the values of <paramref name="other"/>.</summary>
    internal Schema Without(Schema schema, Schema other)
    {
        if (!exclusions.TryGetValue((schema, other), out var both))
            exclusions[(schema, other)] = both = Make(schema.Path, s => (s.AllOf, s.Not) = ([schema], other));
        return both;
    }

    /// <summary>The values that <paramref name="schema"/> refuses, as alternatives, one for each keyword that may refuse them.</summary>
    internal Schema Opposite(Schema schema)
    {
        if (opposites.TryGetValue(schema, out var known))
            return known;
        var path = schema.Path + "/not";
        if (schema.Always is { } always)
            return opposites[schema] = Make(path, always: !always);
        var unknown = new List<string>();
        var alternatives = Values(schema).Concat(Numbers(schema, unknown)).Concat(Texts(schema, unknown)).Concat(Lists(schema, unknown))
            .Concat(Objects(schema, unknown)).Concat(Combinations(schema)).Select(fill => Make(path, fill)).ToList();
        foreach (var keyword in unknown)
            warn(new SchemaWarning(schema.Path, keyword, "Values that break only this keyword are not generated where the schema must not hold."));
        if (alternatives.Count == 0 && unknown.Count > 0)
        {
            warn(new SchemaWarning(schema.Path, "not", "The exclusion is checked only when the value is finished."));
            return opposites[schema] = Make(path, always: true);
        }

        return opposites[schema] = Make(path, s => s.AnyOf = alternatives, alternatives.Count == 0 ? false : null);
    }

    private static IEnumerable<Action<Schema>> Values(Schema schema)
    {
        if (schema.Types is { } types)
            yield return s => s.Types = JsonTypes.Any & ~types;
        if (schema.Enum is { } values)
            yield return s => s.NotEnum = values;
        if (schema.NotEnum.Count > 0)
            yield return s => s.Enum = schema.NotEnum;
    }

    private static IEnumerable<Action<Schema>> Numbers(Schema schema, List<string> unknown)
    {
        if (schema.Lower is { } lower)
            yield return s => (s.Types, s.Upper) = (JsonTypes.Number, new NumberBound(lower.Value, !lower.IsExclusive));
        if (schema.Upper is { } upper)
            yield return s => (s.Types, s.Lower) = (JsonTypes.Number, new NumberBound(upper.Value, !upper.IsExclusive));
        if (schema.MultipleOf is not null)
            unknown.Add("multipleOf");
    }

    private static IEnumerable<Action<Schema>> Texts(Schema schema, List<string> unknown)
    {
        if (schema.MinLength is > 0 and { } shortest)
            yield return s => (s.Types, s.MaxLength) = (JsonTypes.String, shortest - 1);
        if (schema.MaxLength is { } longest)
            yield return s => (s.Types, s.MinLength) = (JsonTypes.String, longest + 1);
        if (schema.Pattern is { } pattern)
            yield return s => (s.Types, s.Pattern, s.PatternIsNegated) = (JsonTypes.String, pattern, !schema.PatternIsNegated);
        if (schema.Format is not null && TextFormats.IsKnown(schema.Format))
            unknown.Add("format");
    }

    private IEnumerable<Action<Schema>> Lists(Schema schema, List<string> unknown)
    {
        if (schema.MinItems is > 0 and { } fewest)
            yield return s => (s.Types, s.MaxItems) = (JsonTypes.Array, fewest - 1);
        if (schema.MaxItems is { } most)
            yield return s => (s.Types, s.MinItems) = (JsonTypes.Array, most + 1);
        for (var i = 0; i < schema.PrefixItems.Count; i++)
        {
            var (index, item) = (i, schema.PrefixItems[i]);
            var before = Enumerable.Range(0, index).Select(_ => Make(schema.Path, always: true));
            yield return s => (s.Types, s.MinItems, s.PrefixItems) = (JsonTypes.Array, index + 1, [.. before, Not(item)]);
        }

        if (schema.Items is { } items && schema.PrefixItems.Count == 0)
            yield return s => (s.Types, s.Contains) = (JsonTypes.Array, Not(items));
        else if (schema.Items is not null)
            unknown.Add("items");
        if (schema.Contains is { } wanted && (schema.MinContains ?? 1) == 1)
            yield return s => (s.Types, s.Items) = (JsonTypes.Array, Not(wanted));
        if (schema.Contains is not null && ((schema.MinContains ?? 1) > 1 || schema.MaxContains is not null))
            unknown.Add("contains");
        if (schema.UniqueItems)
            unknown.Add("uniqueItems");
    }

    private IEnumerable<Action<Schema>> Objects(Schema schema, List<string> unknown)
    {
        foreach (var name in schema.Required)
            yield return s => (s.Types, s.Properties) = (JsonTypes.Object, [(name, Nothing(schema))]);
        foreach (var (name, property) in schema.Properties)
            yield return s => (s.Types, s.Required, s.Properties) = (JsonTypes.Object, [name], [(name, Not(property))]);
        if (schema.MinProperties is > 0 and { } fewest)
            yield return s => (s.Types, s.MaxProperties) = (JsonTypes.Object, fewest - 1);
        if (schema.MaxProperties is { } most)
            yield return s => (s.Types, s.MinProperties) = (JsonTypes.Object, most + 1);
        foreach (var (name, need) in schema.DependentRequired.SelectMany(d => d.Needs.Select(n => (d.Name, n))))
            yield return s => (s.Types, s.Required, s.Properties) = (JsonTypes.Object, [name], [(need, Nothing(schema))]);
        foreach (var (name, dependent) in schema.DependentSchemas)
            yield return s => (s.Types, s.Required, s.Not) = (JsonTypes.Object, [name], dependent);
        if (schema.AdditionalProperties is not null && schema.AdditionalProperties.Always != true)
            unknown.Add("additionalProperties");
        if (schema.PatternProperties.Count > 0)
            unknown.Add("patternProperties");
        if (schema.PropertyNames is not null)
            unknown.Add("propertyNames");
    }

    private IEnumerable<Action<Schema>> Combinations(Schema schema)
    {
        if (schema.Reference is { } target)
            yield return s => s.Not = target;
        foreach (var part in schema.AllOf)
            yield return s => s.Not = part;
        if (schema.AnyOf.Count > 0)
            yield return s => s.AllOf = [.. schema.AnyOf.Select(Not)];
        if (schema.OneOf.Count > 0)
            yield return s => s.AllOf = [.. schema.OneOf.Select(Not)];
        for (var i = 0; i < schema.OneOf.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (first, second) = (schema.OneOf[j], schema.OneOf[i]);
                yield return s => s.AllOf = [first, second];
            }
        }

        if (schema.Not is { } excluded)
            yield return s => s.AllOf = [excluded];
        if (schema.If is not { } condition)
            yield break;
        if (schema.Then is { } then)
            yield return s => (s.AllOf, s.Not) = ([condition], then);
        if (schema.Else is { } otherwise)
            yield return s => s.AllOf = [Not(condition), Not(otherwise)];
    }

    private Schema Not(Schema schema) => Make(schema.Path, s => s.Not = schema);

    private Schema Nothing(Schema schema) => Make(schema.Path, always: false);
}
