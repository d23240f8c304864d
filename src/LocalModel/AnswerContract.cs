using System.Text.Json;
using AgentKit.Models.Constraints;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>What one kind of answer is held to: a grammar while it is generated, and checks of what came out. Immutable.</summary>
internal sealed class AnswerContract
{
    /// <summary>Nothing is demanded.</summary>
    public static AnswerContract None { get; } = new();

    /// <summary>What the text must match; null when nothing is enforced while decoding.</summary>
    public Grammar? Grammar { get; init; }

    /// <summary>
    /// Whether the answer is brought to its end when the limit of tokens is near. A value is then whole and said to be short; a call is not:
    /// one that was cut short would be carried out.
    /// </summary>
    public bool ClosesInTime { get; init; }

    /// <summary>What the grammar does not enforce.</summary>
    public IReadOnlyList<SchemaWarning> Warnings { get; init; } = [];

    /// <summary>Checks the text of the answer; null when it may be any.</summary>
    public JsonSchemaValidator? Format { get; init; }

    /// <summary>Checks the arguments of calls, by name of the tool.</summary>
    public IReadOnlyDictionary<string, JsonSchemaValidator> Tools { get; init; } = new Dictionary<string, JsonSchemaValidator>();

    /// <summary>What does not fit the schema in the text of a finished answer.</summary>
    public IReadOnlyList<SchemaError> CheckText(string text)
    {
        if (Format is null)
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return Format.Validate(document.RootElement);
        }
        catch (JsonException e)
        {
            return [new("", "#", "json", $"The text is no whole JSON value: {e.Message}")];
        }
    }

    /// <summary>What does not fit the tool's schema in the arguments of a call.</summary>
    public IReadOnlyList<SchemaError> CheckCall(FunctionCallContent call) => Tools.TryGetValue(call.Name, out JsonSchemaValidator? validator)
        ? validator.Validate(JsonSerializer.SerializeToElement(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions))
        : [];
}
