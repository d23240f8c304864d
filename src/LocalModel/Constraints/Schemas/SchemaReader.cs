using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Patterns;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// Reads a JSON Schema (draft 2020-12, and what older drafts write differently: <c>items</c> as a list, <c>additionalItems</c>,
/// <c>definitions</c>, <c>dependencies</c>, boolean <c>exclusiveMinimum</c>). Malformed keywords are errors; keywords that are not
/// understood are warnings.
/// </summary>
internal sealed class SchemaReader(JsonElement document)
{
    private const int DeepestNesting = 200;
    private const int MostSchemas = 20_000;

    /// <summary>Larger counts are beyond any value that could be generated or checked.</summary>
    private const int LargestCount = 1_000_000_000;

    private static readonly HashSet<string> Annotations =
    [
        "$schema", "$id", "$comment", "$defs", "definitions", "$anchor", "$dynamicAnchor", "$vocabulary", "id",
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema",
    ];

    private readonly Dictionary<string, Schema> byPath = [];
    private readonly Dictionary<string, string> anchors = [];
    private readonly List<SchemaWarning> warnings = [];
    private readonly List<(Schema Schema, string Target)> references = [];

    /// <exception cref="UserInputException">The schema is malformed; the field is the JSON pointer of the keyword.</exception>
    internal SchemaDocument Read()
    {
        try
        {
            CollectAnchors(document, "#", 0);
            var root = ReadSchema(document, "#", 0);
            for (var i = 0; i < references.Count; i++)
                references[i].Schema.Reference = Resolve(references[i].Schema, references[i].Target);
            return new SchemaDocument(root, warnings);
        }
        catch (InvalidOperationException error)
        {
            throw new UserInputException("#", "A text in the schema contains half a surrogate pair; it is no Unicode text.", error);
        }
    }

    private static UserInputException Malformed(string path, JsonElement found, string expected)
    {
        var text = found.GetRawText();
        return new UserInputException(path, $"Found {(text.Length > 60 ? text[..60] + "…" : text)}; {expected} was expected.");
    }

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void CollectAnchors(JsonElement element, string path, int depth)
    {
        if (depth > DeepestNesting)
            throw new UserInputException(path[..Math.Min(path.Length, 100)], $"The schema is nested deeper than {DeepestNesting} levels.");
        // Half a surrogate pair is found here, and nowhere later.
        if (element.ValueKind == JsonValueKind.String)
            _ = element.GetString();
        if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
                CollectAnchors(item, $"{path}/{index++}", depth + 1);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                if (member.Name is "$anchor" or "$dynamicAnchor" && member.Value.ValueKind == JsonValueKind.String)
                    anchors.TryAdd(member.Value.GetString()!, path);
                CollectAnchors(member.Value, $"{path}/{Escape(member.Name)}", depth + 1);
            }
        }
    }

    private Schema ReadSchema(JsonElement element, string path, int depth)
    {
        if (byPath.TryGetValue(path, out var known))
            return known;
        if (byPath.Count >= MostSchemas)
            throw new UserInputException(path, $"The document has more than {MostSchemas:N0} schemas.");
        var id = byPath.Count;
        switch (element.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                return byPath[path] = new Schema { Id = id, Path = path, Always = element.ValueKind == JsonValueKind.True };
            case JsonValueKind.Object:
                var schema = byPath[path] = new Schema { Id = id, Path = path };
                foreach (var keyword in element.EnumerateObject())
                    ReadKeyword(schema, element, keyword.Name, keyword.Value, $"{path}/{Escape(keyword.Name)}", depth);
                return schema;
            default:
                throw Malformed(path, element, "a schema (an object, true or false)");
        }
    }

    private void ReadKeyword(Schema schema, JsonElement parent, string name, JsonElement value, string path, int depth)
    {
        Schema One() => ReadSchema(value, path, depth + 1);
        IReadOnlyList<Schema> Several() => ReadList(value, path, depth);
        switch (name)
        {
            case "$ref" or "$dynamicRef": references.Add((schema, Text(value, path))); break;
            case "type": schema.Types = ReadTypes(value, path); break;
            case "enum": ReadEnum(schema, value, path); break;
            case "const": Restrict(schema, [value]); break;
            case "pattern": schema.Pattern = ReadPattern(Text(value, path), path); break;
            case "format": ReadFormat(schema, Text(value, path), path); break;
            case "minLength": schema.MinLength = Count(value, path); break;
            case "maxLength": schema.MaxLength = Count(value, path); break;
            case "minItems": schema.MinItems = Count(value, path); break;
            case "maxItems": schema.MaxItems = Count(value, path); break;
            case "minProperties": schema.MinProperties = Count(value, path); break;
            case "maxProperties": schema.MaxProperties = Count(value, path); break;
            case "minContains": schema.MinContains = Count(value, path); break;
            case "maxContains": schema.MaxContains = Count(value, path); break;
            case "uniqueItems": schema.UniqueItems = Flag(value, path); break;
            case "properties": (schema.Properties, schema.DeclaresProperties) = (ReadNamed(value, path, depth), true); break;
            case "patternProperties":
                schema.PatternProperties = [.. ReadNamed(value, path, depth).Select(p => (ReadPattern(p.Name, path), p.Schema))];
                break;
            case "additionalProperties": schema.AdditionalProperties = One(); break;
            case "propertyNames": schema.PropertyNames = One(); break;
            case "required" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                schema.Required = Names(value, path);
                break;
            case "dependentRequired" or "dependentSchemas" or "dependencies": ReadDependencies(schema, value, path, depth); break;
            case "items" when value.ValueKind == JsonValueKind.Array: schema.PrefixItems = Several(); break;
            case "items": schema.Items ??= One(); break;
            case "additionalItems" when parent.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array:
                schema.Items = One();
                break;
            case "prefixItems": schema.PrefixItems = Several(); break;
            case "contains": schema.Contains = One(); break;
            case "allOf": schema.AllOf = Several(); break;
            case "anyOf": schema.AnyOf = Several(); break;
            case "oneOf": schema.OneOf = Several(); break;
            case "not": schema.Not = One(); break;
            case "if": schema.If = One(); break;
            case "then": schema.Then = One(); break;
            case "else": schema.Else = One(); break;
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf":
                ReadNumber(schema, parent, name, value, path);
                break;
            default:
                if (!Annotations.Contains(name) && !name.StartsWith("x-", StringComparison.Ordinal))
                    warnings.Add(new SchemaWarning(schema.Path, name, "The keyword is not known here and is not enforced."));
                break;
        }
    }

    private static void ReadEnum(Schema schema, JsonElement value, string path) =>
        Restrict(schema, value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Malformed(path, value, "a list of values"));

    /// <summary><c>enum</c> and <c>const</c> may stand together; then both hold.</summary>
    private static void Restrict(Schema schema, JsonElement[] values) =>
        schema.Enum = schema.Enum is not { } known ? values : [.. known.Where(k => values.Any(v => JsonElement.DeepEquals(k, v)))];

    private static void ReadNumber(Schema schema, JsonElement parent, string name, JsonElement value, string path)
    {
        // Draft 4 wrote "exclusiveMinimum": true beside "minimum".
        var isFlag = value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        if (isFlag && name is "exclusiveMinimum" or "exclusiveMaximum")
            return;
        if (value.ValueKind != JsonValueKind.Number || !ExactNumber.TryParse(value, out var number))
            throw Malformed(path, value, $"a number with an exponent of at most {ExactNumber.LargestExponent}");
        switch (name)
        {
            case "minimum":
                schema.Lower = NumberBound.Tighter(schema.Lower, new NumberBound(number, IsSet("exclusiveMinimum")), isLower: true);
                break;
            case "maximum":
                schema.Upper = NumberBound.Tighter(schema.Upper, new NumberBound(number, IsSet("exclusiveMaximum")), isLower: false);
                break;
            case "exclusiveMinimum":
                schema.Lower = NumberBound.Tighter(schema.Lower, new NumberBound(number, true), isLower: true);
                break;
            case "exclusiveMaximum":
                schema.Upper = NumberBound.Tighter(schema.Upper, new NumberBound(number, true), isLower: false);
                break;
            default:
                schema.MultipleOf = number.Sign > 0 ? number : throw Malformed(path, value, "a number above 0");
                break;
        }

        bool IsSet(string flag) => parent.TryGetProperty(flag, out var set) && set.ValueKind == JsonValueKind.True;
    }

    private static JsonTypes ReadTypes(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Aggregate(JsonTypes.None, (types, item) => types | ReadTypes(item, path));
        return Text(value, path) switch
        {
            "null" => JsonTypes.Null,
            "boolean" => JsonTypes.Boolean,
            "integer" => JsonTypes.Integer,
            "number" => JsonTypes.Number,
            "string" => JsonTypes.String,
            "array" => JsonTypes.Array,
            "object" => JsonTypes.Object,
            _ => throw Malformed(path, value, "one of null, boolean, integer, number, string, array, object"),
        };
    }

    private TextPattern ReadPattern(string source, string path)
    {
        var pattern = TextPattern.Parse(source, path);
        if (pattern.Unsupported is { } reason)
            warnings.Add(new SchemaWarning(path, "pattern", $"'{source}' uses {reason}; it is checked only when the value is finished."));
        return pattern;
    }

    private void ReadFormat(Schema schema, string format, string path)
    {
        schema.Format = format;
        if (!TextFormats.IsKnown(format))
            warnings.Add(new SchemaWarning(path, "format", $"The format '{format}' is not known here and is not enforced."));
    }

    private void ReadDependencies(Schema schema, JsonElement value, string path, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Malformed(path, value, "an object");
        foreach (var member in value.EnumerateObject())
        {
            var at = $"{path}/{Escape(member.Name)}";
            if (member.Value.ValueKind == JsonValueKind.Array)
                schema.DependentRequired = [.. schema.DependentRequired, (member.Name, Names(member.Value, at))];
            else
                schema.DependentSchemas = [.. schema.DependentSchemas, (member.Name, ReadSchema(member.Value, at, depth + 1))];
        }
    }

    private List<(string Name, Schema Schema)> ReadNamed(JsonElement value, string path, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Malformed(path, value, "an object of schemas");
        var named = new List<(string, Schema)>();
        foreach (var member in value.EnumerateObject().DistinctBy(m => m.Name))
            named.Add((member.Name, ReadSchema(member.Value, $"{path}/{Escape(member.Name)}", depth + 1)));
        return named;
    }

    private List<Schema> ReadList(JsonElement value, string path, int depth)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw Malformed(path, value, "a list of schemas");
        return [.. value.EnumerateArray().Select((item, i) => ReadSchema(item, $"{path}/{i}", depth + 1))];
    }

    private static List<string> Names(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(v => v.GetString()!).Distinct()]
            : throw Malformed(path, value, "a list of names");

    private static string Text(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Malformed(path, value, "a string");

    private static bool Flag(JsonElement value, string path) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Malformed(path, value, "true or false");

    private static int Count(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && ExactNumber.TryParse(value, out var number) && number.IsInteger && number.Sign >= 0
            ? (int)Math.Min(value.GetDouble(), LargestCount)
            : throw Malformed(path, value, "a count (an integer from 0)");

    private Schema? Resolve(Schema from, string target)
    {
        var hash = target.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? string.Empty : Uri.UnescapeDataString(target[(hash + 1)..]);
        var hasName = document.TryGetProperty("$id", out var id) && id.ValueKind == JsonValueKind.String;
        if (hash != 0 && !(hasName && target.Split('#')[0] == id.GetString()))
        {
            warnings.Add(new SchemaWarning(from.Path, "$ref", $"'{target}' leads out of the document; any value is accepted there."));
            return null;
        }

        var path = fragment.Length == 0 || fragment[0] == '/' ? "#" + fragment : anchors.GetValueOrDefault(fragment, string.Empty);
        if (!TryFind(path, out var element, out var canonical))
            throw new UserInputException(from.Path + "/$ref", $"The reference '{target}' leads to nothing in this document.");
        return ReadSchema(element, canonical, 0);
    }

    private bool TryFind(string path, out JsonElement element, out string canonical)
    {
        element = document;
        canonical = "#";
        foreach (var part in path.Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member))
                element = member;
            else if (element.ValueKind == JsonValueKind.Array && uint.TryParse(name, out var index) && index < element.GetArrayLength())
                element = element[(int)index];
            else
                return false;
            canonical = $"{canonical}/{Escape(name)}";
        }

        return path.StartsWith('#');
    }
}
