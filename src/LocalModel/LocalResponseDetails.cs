using AgentKit.Models.Constraints;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>What a local model tells of a response beyond <see cref="ChatResponse"/>'s own properties.</summary>
public sealed record LocalResponseDetails
{
    /// <summary>The key in <see cref="ChatResponseUpdate.AdditionalProperties"/> of the last update.</summary>
    public const string Key = "agentkit";

    /// <summary>Tokens of the prompt that were left out because it did not fit; 0 unless <see cref="OverflowPolicy.Shift"/> was asked for.</summary>
    public int DroppedPromptTokens { get; init; }

    /// <summary>Tokens that made room while the answer was written; 0 unless <see cref="OverflowPolicy.Shift"/> was asked for.</summary>
    public int DroppedTokens { get; init; }

    /// <summary>How often the messages were shortened by <see cref="LocalChatOptions.Summarize"/>.</summary>
    public int Summaries { get; init; }

    /// <summary>Tokens that were guessed ahead.</summary>
    public int DraftedTokens { get; init; }

    /// <summary>Guesses that were right: each one saved a pass of the model.</summary>
    public int AcceptedTokens { get; init; }

    /// <summary>Of each token of the answer, the end of the turn included; empty unless asked for.</summary>
    public IReadOnlyList<TokenLogProbability> LogProbabilities { get; init; } = [];

    /// <summary>
    /// What was not enforced while decoding of the response format and of the tools' schemas (there the path begins with the name of the
    /// tool). The finished values were checked against it all the same.
    /// </summary>
    public IReadOnlyList<SchemaWarning> SchemaWarnings { get; init; } = [];

    /// <summary>
    /// Where the text does not fit the response format, or the arguments of a call the tool's schema (there the path begins with the name of
    /// the tool). Only an answer that was cut off, or a part named by <see cref="SchemaWarnings"/>, can have errors.
    /// </summary>
    public IReadOnlyList<SchemaError> SchemaErrors { get; init; } = [];

    /// <summary>
    /// The limit of output tokens was near and the value was brought to its end on the shortest way that the response format allows. It is
    /// whole but shorter than the model meant; the finish reason is <see cref="ChatFinishReason.Length"/>. Tool calls are never closed so,
    /// because a call that was cut short would be carried out: they come back as text.
    /// </summary>
    public bool ClosedEarly { get; init; }

    /// <summary>Finds the details of a response; <c>null</c> when it did not come from a local model.</summary>
    public static LocalResponseDetails? Of(ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        // Properties of an update become those of the message it belongs to.
        return response.Messages.Select(message => message.AdditionalProperties).Append(response.AdditionalProperties)
            .Select(properties => properties?.GetValueOrDefault(Key)).OfType<LocalResponseDetails>().LastOrDefault();
    }
}
