namespace AgentKit.Models;

/// <summary>What happens when a conversation does not fit the context. Nothing is ever dropped unless it is asked for here, and it is then reported.</summary>
public enum OverflowPolicy
{
    /// <summary>A prompt that is too long is refused; an answer ends where the context is full, with <c>ChatFinishReason.Length</c>.</summary>
    Error,

    /// <summary>
    /// System prompt and tools stay, the oldest of what follows goes, token by token and in the middle of a message if need be
    /// (StreamingLLM, Xiao et al. 2024).
    /// </summary>
    Shift,

    /// <summary>A function of the caller's shortens the messages before they are rendered.</summary>
    Summarize,
}
