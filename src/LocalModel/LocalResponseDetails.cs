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

    /// <summary>Finds the details of a response; <c>null</c> when it did not come from a local model.</summary>
    public static LocalResponseDetails? Of(ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        // Properties of an update become those of the message it belongs to.
        return response.Messages.Select(message => message.AdditionalProperties).Append(response.AdditionalProperties)
            .Select(properties => properties?.GetValueOrDefault(Key)).OfType<LocalResponseDetails>().LastOrDefault();
    }
}
