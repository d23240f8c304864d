using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>A subject as a chat client, for judges and agents that are themselves under test.</summary>
internal sealed class SubjectClient(IEvalSubject subject, string sampleId) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        SubjectReply reply = await subject.GenerateAsync(
            new(sampleId, EvalPrompt.Chat([.. messages])) { MaxTokens = options?.MaxOutputTokens
                ?? 256, Tools = [.. options?.Tools ?? []], Seed = options?.Seed ?? 0 },
            cancellationToken).ConfigureAwait(false);
        AIContent[] contents = [new TextContent(reply.Text), .. reply.Calls.Select(SubjectCalls.ToContent)];
        return new(new ChatMessage(ChatRole.Assistant, contents)) { FinishReason = new(reply.Finish) };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates()) yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
