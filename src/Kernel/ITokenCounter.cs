using Microsoft.Extensions.AI;

namespace AgentKit.Kernel;

/// <summary>
/// Counts the tokens a model would read, exactly as it would read them. A chat client that can offers this through
/// <see cref="IChatClient.GetService"/>.
/// </summary>
public interface ITokenCounter
{
    /// <summary>Tokens that prompt and answer share at most.</summary>
    int ContextLength { get; }

    /// <summary>Tokens of the prompt that these messages and tools make, the model's own marks included.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The options whose tools are counted; none when <c>null</c>.</param>
    int CountTokens(IEnumerable<ChatMessage> messages, ChatOptions? options = null);
}
