using System.Collections.Concurrent;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>1 where the answer is JSON that fits a schema, else 0.</summary>
public sealed class SchemaReward : Reward
{
    private readonly ConcurrentDictionary<string, JsonSchemaValidator> _validators = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Name => "schema";

    /// <inheritdoc/>
    public override string? Fault(JsonElement expected)
    {
        try
        {
            Validator(expected);
            return null;
        }
        catch (UserInputException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument value = JsonDocument.Parse(answer.Content);
            return new(Validator(expected).IsValid(value.RootElement) ? 1 : 0);
        }
        catch (JsonException)
        {
            return new(0);
        }
    }

    private JsonSchemaValidator Validator(JsonElement schema) => _validators.GetOrAdd(schema.GetRawText(), _ => new(schema));
}
