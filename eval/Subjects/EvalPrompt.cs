using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>What a model reads before it goes on: a conversation, or running text.</summary>
public sealed record EvalPrompt
{
    /// <summary>The conversation; empty for running text.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>The running text, or the conversation written out for people.</summary>
    public string Text { get; }

    private EvalPrompt(string text, IReadOnlyList<ChatMessage> messages)
    {
        Text = text;
        Messages = messages;
    }

    /// <summary>Whether it is a conversation.</summary>
    public bool IsChat => Messages.Count > 0;

    /// <summary>Running text.</summary>
    public static EvalPrompt Plain(string text) => new(text ?? throw new ArgumentNullException(nameof(text)), []);

    /// <summary>A conversation of one message or more.</summary>
    public static EvalPrompt Chat(params IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentOutOfRangeException.ThrowIfZero(messages.Count);
        return new(string.Join("\n\n", messages.Select(message => $"[{message.Role}]\n{message.Text}")), messages);
    }
}
