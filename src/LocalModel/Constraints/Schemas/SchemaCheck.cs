using System.Text.Json;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Checks a value against a schema, keyword by keyword.</summary>
internal sealed class SchemaCheck
{
    private readonly List<SchemaError> errors;

    private SchemaCheck(List<SchemaError> errors) => this.errors = errors;

    internal static bool IsValid(Schema schema, JsonElement value) => IsValid(schema, value, null);

    internal static void Check(Schema schema, JsonElement value, string path, List<SchemaError> errors) =>
        new SchemaCheck(errors).Visit(schema, value, path, null);

    /// <summary>The type of a value; a number with an integral value is an integer, however it is written.</summary>
    internal static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Number => ExactNumber.TryParse(value, out var number) && number.IsInteger ? JsonTypes.Integer : JsonTypes.Fraction,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        _ => JsonTypes.Object,
    };

    private static bool IsValid(Schema schema, JsonElement value, InPlace? around)
    {
        var errors = new List<SchemaError>();
        new SchemaCheck(errors).Visit(schema, value, string.Empty, around);
        return errors.Count == 0;
    }

    private void Visit(Schema schema, JsonElement value, string path, InPlace? around)
    {
        // A schema that leads back to itself without descending says nothing more.
        for (var outer = around; outer is not null; outer = outer.Around)
        {
            if (ReferenceEquals(outer.Schema, schema))
                return;
        }

        var here = new InPlace(schema, around);
        void Fail(string keyword, string message) => errors.Add(new SchemaError(path, schema.Path, keyword, message));
        if (schema.Always == false)
            Fail("false", "No value is allowed here.");
        if (schema.Reference is not null)
            Visit(schema.Reference, value, path, here);
        var type = TypeOf(value);
        if (schema.Types is { } types && (types & type) == 0)
            Fail("type", $"Found {Describe(value)}; {types} is allowed.");
        if (schema.Enum is not null && !schema.Enum.Any(v => JsonElement.DeepEquals(v, value)))
            Fail("enum", $"Found {Describe(value)}; allowed are {string.Join(", ", schema.Enum.Take(10).Select(Describe))}.");
        if (schema.NotEnum.Any(v => JsonElement.DeepEquals(v, value)))
            Fail("not", $"{Describe(value)} is excluded.");
        switch (type)
        {
            case JsonTypes.Integer or JsonTypes.Fraction: CheckNumber(schema, value, Fail); break;
            case JsonTypes.String: CheckText(schema, value.GetString()!, Fail); break;
            case JsonTypes.Array: CheckArray(schema, value, path, Fail); break;
            case JsonTypes.Object: CheckObject(schema, value, path, Fail, here); break;
        }

        CheckCombinations(schema, value, path, Fail, here);
    }

    private void CheckCombinations(Schema schema, JsonElement value, string path, Action<string, string> fail, InPlace here)
    {
        foreach (var part in schema.AllOf)
            Visit(part, value, path, here);
        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(s => IsValid(s, value, here)))
            fail("anyOf", $"{Describe(value)} fits none of the {schema.AnyOf.Count} alternatives.");
        if (schema.OneOf.Count > 0 && schema.OneOf.Count(s => IsValid(s, value, here)) is var fitting and not 1)
            fail("oneOf", $"{Describe(value)} fits {fitting} of the {schema.OneOf.Count} alternatives; it must fit exactly one.");
        if (schema.Not is not null && IsValid(schema.Not, value, here))
            fail("not", $"{Describe(value)} is excluded.");
        if (schema.If is null)
            return;
        if ((IsValid(schema.If, value, here) ? schema.Then : schema.Else) is { } branch)
            Visit(branch, value, path, here);
    }

    private static void CheckNumber(Schema schema, JsonElement value, Action<string, string> fail)
    {
        if (schema.Lower is null && schema.Upper is null && schema.MultipleOf is null)
            return;
        if (!ExactNumber.TryParse(value, out var number))
            fail("number", $"{value.GetRawText()} is too large to be checked.");
        else if (schema.Lower is { } lower && !lower.AllowsAtLeast(number))
            fail(lower.IsExclusive ? "exclusiveMinimum" : "minimum", $"{number} is too small; the bound is {lower.Value}.");
        else if (schema.Upper is { } upper && !upper.AllowsAtMost(number))
            fail(upper.IsExclusive ? "exclusiveMaximum" : "maximum", $"{number} is too large; the bound is {upper.Value}.");
        else if (schema.MultipleOf is { } unit && !number.IsMultipleOf(unit))
            fail("multipleOf", $"{number} is no multiple of {unit}.");
    }

    private static void CheckText(Schema schema, string text, Action<string, string> fail)
    {
        var length = text.EnumerateRunes().Count();
        if (length < (schema.MinLength ?? 0))
            fail("minLength", $"The text has {length} characters; at least {schema.MinLength} are needed.");
        if (length > (schema.MaxLength ?? int.MaxValue))
            fail("maxLength", $"The text has {length} characters; at most {schema.MaxLength} are allowed.");
        if (schema.Pattern is { } pattern && pattern.Matches(text) == schema.PatternIsNegated)
            fail("pattern", $"The text does not fit the pattern '{pattern.Source}'.");
        if (schema.Format is { } format && TextFormats.IsKnown(format) && !TextFormats.Of(format).Matches(text))
            fail("format", $"The text is no {format}.");
    }

    private void CheckArray(Schema schema, JsonElement array, string path, Action<string, string> fail)
    {
        var count = array.GetArrayLength();
        if (count < (schema.MinItems ?? 0))
            fail("minItems", $"The list has {count} items; at least {schema.MinItems} are needed.");
        if (count > (schema.MaxItems ?? int.MaxValue))
            fail("maxItems", $"The list has {count} items; at most {schema.MaxItems} are allowed.");
        var items = array.EnumerateArray().ToArray();
        for (var i = 0; i < items.Length; i++)
        {
            if (schema.ForItem(i) is { } item)
                Visit(item, items[i], $"{path}/{i}", null);
        }

        if (schema.UniqueItems && items.Where((item, i) => items.Take(i).Any(other => JsonElement.DeepEquals(other, item))).Any())
            fail("uniqueItems", "An item occurs twice.");
        if (schema.Contains is null)
            return;
        var found = items.Count(item => IsValid(schema.Contains, item));
        if (found < (schema.MinContains ?? 1) || found > (schema.MaxContains ?? int.MaxValue))
            fail("contains", $"{found} items fit; {schema.MinContains ?? 1} to {schema.MaxContains?.ToString() ?? "any number"} are needed.");
    }

    private void CheckObject(Schema schema, JsonElement value, string path, Action<string, string> fail, InPlace here)
    {
        var names = value.EnumerateObject().Select(m => m.Name).ToHashSet();
        foreach (var name in schema.Required.Where(n => !names.Contains(n)))
            fail("required", $"The member '{name}' is missing.");
        if (names.Count < (schema.MinProperties ?? 0))
            fail("minProperties", $"There are {names.Count} members; at least {schema.MinProperties} are needed.");
        if (names.Count > (schema.MaxProperties ?? int.MaxValue))
            fail("maxProperties", $"There are {names.Count} members; at most {schema.MaxProperties} are allowed.");
        foreach (var (name, needs) in schema.DependentRequired.Where(d => names.Contains(d.Name)))
        {
            foreach (var need in needs.Where(n => !names.Contains(n)))
                fail("dependentRequired", $"The member '{need}' is missing; '{name}' needs it.");
        }

        foreach (var (_, dependent) in schema.DependentSchemas.Where(d => names.Contains(d.Name)))
            Visit(dependent, value, path, here);
        foreach (var member in value.EnumerateObject())
        {
            if (schema.PropertyNames is not null && !IsValid(schema.PropertyNames, JsonSerializer.SerializeToElement(member.Name)))
                fail("propertyNames", $"The name '{member.Name}' is not allowed.");
            foreach (var applied in schema.ForMember(member.Name))
                Visit(applied, member.Value, $"{path}/{member.Name}", null);
        }
    }

    private static string Describe(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? text[..40] + "…" : value.GetRawText();

    /// <summary>The schemas being applied to one and the same value.</summary>
    private sealed record InPlace(Schema Schema, InPlace? Around);
}
