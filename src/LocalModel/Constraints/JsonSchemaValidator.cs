using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Schemas;

namespace AgentKit.Models.Constraints;

/// <summary>
/// Checks finished values against a JSON Schema (draft 2020-12, without <c>unevaluated*</c> and references out of the document).
/// Numbers are compared exactly. Safe to use from several threads.
/// </summary>
public sealed class JsonSchemaValidator
{
    private readonly SchemaDocument document;

    /// <summary>Reads a schema.</summary>
    /// <param name="schema">The schema document; it must stay alive as long as the validator.</param>
    /// <exception cref="UserInputException">The schema is malformed; the field names the keyword.</exception>
    public JsonSchemaValidator(JsonElement schema)
        : this(SchemaDocument.Read(schema))
    {
    }

    internal JsonSchemaValidator(SchemaDocument document) => this.document = document;

    /// <summary>Keywords that are not checked.</summary>
    public IReadOnlyList<SchemaWarning> Warnings => document.Warnings;

    /// <summary>Checks a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>What does not fit, empty when the value is valid.</returns>
    public IReadOnlyList<SchemaError> Validate(JsonElement value)
    {
        var errors = new List<SchemaError>();
        try
        {
            SchemaCheck.Check(document.Root, value, string.Empty, errors);
        }
        catch (InvalidOperationException)
        {
            // The reader of JSON refuses to give out such a string.
            errors.Add(new SchemaError(string.Empty, "#", "string", "A text contains half a surrogate pair; it is no Unicode text."));
        }

        return errors;
    }

    /// <summary>Whether a value fits the schema.</summary>
    /// <param name="value">The value.</param>
    /// <returns>True when it does.</returns>
    public bool IsValid(JsonElement value) => Validate(value).Count == 0;
}
