using System.Runtime.CompilerServices;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>Plays the recorded replies of a run, in order.</summary>
internal sealed class RecordedModel(IReadOnlyList<AgentEvent.ModelReplied> replies, string name) : IChatClient
{
    private int _next = -1;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        int next = Interlocked.Increment(ref _next);
        if (next >= replies.Count) throw new InvalidOperationException("The record ends here.");
        AgentEvent.ModelReplied reply = replies[next];
        if (reply.Reasoning is { Length: > 0 } reasoning) yield return Update(new TextReasoningContent(reasoning));
        if (reply.Text.Length > 0) yield return Update(new TextContent(reply.Text));
        foreach (ToolCall call in reply.Calls)
        {
            yield return Update(new FunctionCallContent(call.Id, call.Name, ToolArguments.ToDictionary(call.Arguments))
            {
                Exception = call.Arguments is null ? new FormatException("The arguments were not a JSON object.") : null,
            });
        }

        var usage = new UsageDetails
        {
            InputTokenCount = reply.Usage.InputTokens,
            CachedInputTokenCount = reply.Usage.CachedTokens,
            OutputTokenCount = reply.Usage.OutputTokens,
        };
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]) { FinishReason = new ChatFinishReason(reply.FinishReason) };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("recorded", defaultModelId: name) : null;

    public void Dispose()
    {
    }

    private static ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content]);
}
