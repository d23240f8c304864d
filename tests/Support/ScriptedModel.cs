using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Support;

/// <summary>A model that plays replies written by the test and remembers what it was asked.</summary>
public sealed class ScriptedModel(Func<IReadOnlyList<ChatMessage>, ScriptedReply> script) : IChatClient
{
    private readonly Lock _gate = new();
    private readonly List<IReadOnlyList<ChatMessage>> _requests = [];
    private readonly List<ChatOptions?> _options = [];

    /// <summary>Plays the replies in order; asking more often fails.</summary>
    public ScriptedModel(params ScriptedReply[] replies)
        : this(InOrder(replies))
    {
    }

    /// <summary>The messages of every call.</summary>
    public IReadOnlyList<IReadOnlyList<ChatMessage>> Requests
    {
        get { lock (_gate) return [.. _requests]; }
    }

    /// <summary>The options of every call.</summary>
    public IReadOnlyList<ChatOptions?> Options
    {
        get { lock (_gate) return [.. _options]; }
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ScriptedReply reply;
        IReadOnlyList<ChatMessage> asked = [.. messages];
        lock (_gate)
        {
            _requests.Add(asked);
            _options.Add(options);
            reply = script(asked);
        }

        if (reply.Gate is not null) await reply.Gate.WaitAsync(cancellationToken);
        foreach (AIContent content in reply.Contents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]);
        }

        if (reply.Failure is not null) throw reply.Failure;
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(reply.Usage)]) { FinishReason = reply.FinishReason };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted", defaultModelId: "script") : null;

    public void Dispose()
    {
    }

    private static Func<IReadOnlyList<ChatMessage>, ScriptedReply> InOrder(ScriptedReply[] replies)
    {
        int next = 0;
        return _ => next < replies.Length
            ? replies[next++]
            : throw new InvalidOperationException($"The script has {replies.Length} replies and the model was asked once more.");
    }
}
