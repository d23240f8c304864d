namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// Recognises the usual ways in which the alternatives of <c>oneOf</c> exclude each other, so that no opposite has to be built.
/// </summary>
internal static class SchemaOverlap
{
    /// <summary>
    /// Whether it is plain that no value generated for <paramref name="a"/> fits <paramref name="b"/>; false when it is not plain.
    /// </summary>
    internal static bool AreDisjoint(Schema a, Schema b, bool openObjects)
    {
        (a, b) = (Target(a), Target(b));
        if (((a.Types ?? JsonTypes.Any) & (b.Types ?? JsonTypes.Any)) == JsonTypes.None || a.Always == false || b.Always == false)
            return true;
        if (a.Enum is not null && a.Enum.All(v => !SchemaCheck.IsValid(b, v)))
            return true;
        if (b.Enum is not null && b.Enum.All(v => !SchemaCheck.IsValid(a, v)))
            return true;
        if (a.Types != JsonTypes.Object || b.Types != JsonTypes.Object)
            return false;
        return HaveDifferentTags(a, b) || HaveDifferentTags(b, a) || Lacks(a, b, openObjects);
    }

    /// <summary>A member that both require with values that exclude each other, or that one requires and the other refuses.</summary>
    private static bool HaveDifferentTags(Schema a, Schema b) => a.Required.Any(name =>
        a.Properties.FirstOrDefault(p => p.Name == name).Schema is { } first &&
        b.ForMember(name).Any(second => AreDisjoint(first, second, openObjects: true)));

    /// <summary>The second requires a member that is never generated for the first, which is closed.</summary>
    private static bool Lacks(Schema a, Schema b, bool openObjects)
    {
        var isClosed = a.AdditionalProperties?.Always == false || (a.AdditionalProperties is null && !openObjects);
        return isClosed && a.DeclaresProperties && a.PatternProperties.Count == 0 && IsPlain(a) &&
            b.Required.Any(name => !a.Properties.Any(p => p.Name == name) && !a.Required.Contains(name));
    }

    private static bool IsPlain(Schema schema) =>
        schema.AllOf.Count + schema.AnyOf.Count + schema.OneOf.Count + schema.DependentSchemas.Count == 0 &&
        schema.Reference is null && schema.If is null;

    private static Schema Target(Schema schema)
    {
        for (var hops = 0; hops < 20 && schema.Reference is { } target; hops++)
            schema = target;
        return schema;
    }
}
