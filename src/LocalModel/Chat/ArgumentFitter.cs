using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;

namespace AgentKit.Models.Chat;

/// <summary>
/// Settles what text alone leaves open: whether <c>12</c> is a number or a string, whether nothing is an empty string, list or object. Of the
/// readings of a value, the one that fits the tool's schema is taken.
/// </summary>
internal sealed class ArgumentFitter
{
    private const int MostTried = 64;

    private readonly JsonSchemaValidator _validator;

    private ArgumentFitter(JsonSchemaValidator validator) => _validator = validator;

    /// <summary>A fitter for a schema; null when the schema cannot be read, which is reported where the tool is offered.</summary>
    public static ArgumentFitter? For(JsonElement schema)
    {
        try
        {
            return new ArgumentFitter(new JsonSchemaValidator(schema));
        }
        catch (UserInputException)
        {
            return null;
        }
    }

    /// <summary>Changes values of which the text is known until all fit, as far as they can.</summary>
    /// <param name="arguments">The arguments; changed.</param>
    /// <param name="written">The text of values, by JSON pointer.</param>
    public void Fit(JsonObject arguments, IReadOnlyDictionary<string, string> written)
    {
        var errors = Errors(arguments);
        foreach (var (pointer, text) in written.Take(MostTried))
        {
            if (errors.Count == 0)
                return;
            if (!errors.Any(error => Touches(error.Path, pointer)) || JsonPointer.Find(arguments, pointer) is not { } place)
                continue;
            foreach (var reading in Readings(text))
            {
                var before = place.Value;
                place.Value = reading;
                var now = Errors(arguments);
                if (now.Count < errors.Count)
                    errors = now;
                else
                    place.Value = before;
            }
        }
    }

    private IReadOnlyList<SchemaError> Errors(JsonObject arguments) => _validator.Validate(JsonSerializer.SerializeToElement(arguments));

    private static bool Touches(string error, string pointer) =>
        error.StartsWith(pointer, StringComparison.Ordinal) || pointer.StartsWith(error, StringComparison.Ordinal);

    private static IEnumerable<JsonNode?> Readings(string text)
    {
        yield return JsonValue.Create(text);
        if (!string.IsNullOrWhiteSpace(text))
            yield break;
        yield return new JsonObject();
        yield return new JsonArray();
        yield return null;
    }
}
