using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Schemas;

namespace AgentKit.Models.Constraints;

/// <summary>
/// The JSON texts that fit a JSON Schema (draft 2020-12), as a grammar. Generated values always fit, save for what <see cref="Warnings"/>
/// lists; check the finished value with <see cref="Validator"/>.
/// </summary>
public sealed class JsonSchemaGrammar
{
    private JsonSchemaGrammar(GrammarRule root, IReadOnlyList<SchemaWarning> warnings, JsonSchemaValidator validator)
    {
        (Root, Warnings, Validator) = (root, warnings, validator);
    }

    /// <summary>The value as an expression, to be part of a larger grammar or to be compiled by itself.</summary>
    public GrammarExpression Root { get; }

    /// <summary>What the grammar does not enforce.</summary>
    public IReadOnlyList<SchemaWarning> Warnings { get; }

    /// <summary>Checks finished values.</summary>
    public JsonSchemaValidator Validator { get; }

    /// <summary>Reads a schema and builds the expression of its values.</summary>
    /// <param name="schema">The schema; cloned, so its document may be disposed.</param>
    /// <param name="options">White space, order of members and the like.</param>
    /// <returns>The expression, what it does not enforce, and a validator.</returns>
    /// <exception cref="UserInputException">
    /// The schema is malformed (the field is the JSON pointer of the keyword), or no value fits it.
    /// </exception>
    public static JsonSchemaGrammar Create(JsonElement schema, JsonSchemaOptions? options = null)
    {
        options ??= new JsonSchemaOptions();
        return Create(schema, options, new JsonStyle(options));
    }

    /// <summary>The same for values that are not written as JSON.</summary>
    internal static JsonSchemaGrammar Create(JsonElement schema, JsonSchemaOptions options, JsonStyle style)
    {
        var document = SchemaDocument.Read(schema.Clone());
        var builder = new SchemaGrammarBuilder(document, options, style);
        return new JsonSchemaGrammar(builder.Root, [.. builder.Warnings], new JsonSchemaValidator(document));
    }

    /// <summary>Compiles the expression by itself.</summary>
    /// <returns>The grammar.</returns>
    /// <exception cref="UserInputException">No value fits the schema, or it is too large.</exception>
    public Grammar Compile() => Grammar.Compile(Root);
}
