using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>
/// Options of a request that only a local model has. They travel in <see cref="ChatOptions.RawRepresentationFactory"/>, so that every client
/// between the caller and the model passes them on; <see cref="AddTo"/> puts them there.
/// </summary>
public sealed record LocalChatOptions
{
    /// <summary>The LoRA adapters to answer with.</summary>
    /// <value>Names of loaded adapters with their scales; empty: the bare model; default <c>null</c>: <see cref="LocalModel.DefaultAdapters"/>.</value>
    public IReadOnlyList<AdapterUse>? Adapters { get; init; }

    /// <summary>What to do when the conversation does not fit the context.</summary>
    /// <value>Default: <see cref="OverflowPolicy.Error"/>.</value>
    public OverflowPolicy Overflow { get; init; }

    /// <summary>Shortens a conversation that does not fit; needed for <see cref="OverflowPolicy.Summarize"/>. Called again, at most three times, while it is too long.</summary>
    public Func<ContextOverflow, CancellationToken, ValueTask<IReadOnlyList<ChatMessage>>>? Summarize { get; init; }

    /// <summary>List the log-probability of each token of the answer and of this many alternatives.</summary>
    /// <value>0 to 100; default <c>null</c>: list nothing.</value>
    public int? TopLogProbabilities
    {
        get;
        init => field = value is null or (>= 0 and <= 100)
            ? value
            : throw new UserInputException(nameof(TopLogProbabilities), $"{nameof(TopLogProbabilities)} is {value}; allowed is 0 to 100.");
    }

    /// <summary>Whose request it is. When requests have to wait, each queue's turn comes in order, however many requests another one has.</summary>
    /// <value>Any name; default: empty.</value>
    public string Queue { get; init; } = "";

    /// <summary>Adds these options to chat options.</summary>
    /// <param name="options">Options to copy; <c>null</c> for new ones.</param>
    public ChatOptions AddTo(ChatOptions? options = null)
    {
        ChatOptions result = options?.Clone() ?? new();
        result.RawRepresentationFactory = _ => this;
        return result;
    }

    internal static LocalChatOptions From(ChatOptions? options, IChatClient client) =>
        options?.RawRepresentationFactory?.Invoke(client) as LocalChatOptions ?? new();
}
