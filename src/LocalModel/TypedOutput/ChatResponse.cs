using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.TypedOutput;

/// <summary>A response whose text is the JSON of a <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The type asked for.</typeparam>
public sealed class ChatResponse<T> : ChatResponse
{
    private readonly ResultSchema _schema;
    private readonly JsonSerializerOptions _serializerOptions;
    private (bool IsRead, T? Value, string? Fault) _result;

    internal ChatResponse(ChatResponse response, ResultSchema schema, JsonSerializerOptions serializerOptions)
        : base(response.Messages)
    {
        _schema = schema;
        _serializerOptions = serializerOptions;
        AdditionalProperties = response.AdditionalProperties;
        ConversationId = response.ConversationId;
        CreatedAt = response.CreatedAt;
        FinishReason = response.FinishReason;
        ModelId = response.ModelId;
        RawRepresentation = response.RawRepresentation;
        ResponseId = response.ResponseId;
        Usage = response.Usage;
    }

    /// <summary>
    /// The value. With the finish reason <see cref="ChatFinishReason.Length"/> it is valid, but the model had to be brief; see
    /// <see cref="LocalResponseDetails.ClosedEarly"/>.
    /// </summary>
    /// <exception cref="ModelOutputException">The answer was cut off, is no JSON, or does not fit the schema of <typeparamref name="T"/>.</exception>
    public T Result => TryGetResult(out T? result) ? result : throw new ModelOutputException(_result.Fault!);

    /// <summary>Reads the value.</summary>
    /// <param name="result">The value; the default when there is none.</param>
    /// <returns>Whether the answer is whole and fits the schema of <typeparamref name="T"/>.</returns>
    public bool TryGetResult([NotNullWhen(true)] out T? result)
    {
        if (!_result.IsRead)
        {
            (T? value, string? fault) = Read();
            _result = (true, value, fault);
        }

        result = _result.Value;
        return _result.Fault is null;
    }

    private (T? Value, string? Fault) Read()
    {
        string text = Text.Trim();
        if (text.Length == 0)
        {
            return (default, $"The model gave no text where the JSON of a {typeof(T).Name} was asked for (finish reason: {FinishReason?.Value ?? "none"}).");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            IReadOnlyList<SchemaError> errors = _schema.Validator.Validate(document.RootElement);
            if (errors.Count > 0)
            {
                string more = errors.Count > 1 ? $" And {errors.Count - 1} more." : "";
                return (default, $"The answer does not fit the schema of {typeof(T).Name}: at '{errors[0].Path}': {errors[0].Message}{more}");
            }

            T? value = _schema.Unwrap(document.RootElement).Deserialize<T>(_serializerOptions);
            return value is null ? (default, $"The answer is null where a {typeof(T).Name} was asked for.") : (value, null);
        }
        catch (JsonException e)
        {
            return (default, FinishReason == ChatFinishReason.Length
                ? $"The answer was cut off at the limit of output tokens ({text.Length:N0} characters of a {typeof(T).Name}); raise MaxOutputTokens."
                : $"The answer is not the JSON of a {typeof(T).Name}: {e.Message}");
        }
    }
}
