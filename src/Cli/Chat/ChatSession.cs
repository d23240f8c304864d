using System.Text;
using AgentKit.Kernel.Runs;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Chat;

/// <summary>A conversation with its history. A question that got no answer leaves no trace in it.</summary>
internal sealed class ChatSession(IChatClient client, string? system, TimeProvider time, ChatOptions? options = null)
{
    private readonly List<ChatMessage> _history = Begin(system);

    public IReadOnlyList<ChatMessage> History => _history;

    /// <summary>Forgets everything but the system message.</summary>
    public void Reset()
    {
        _history.Clear();
        _history.AddRange(Begin(system));
    }

    /// <summary>
    /// Asks and passes on the answer piece by piece. What an interrupted answer had said stays in the history, as the user saw it.
    /// </summary>
    public async Task<ChatAnswer> AskAsync(string text, Action<string> show, CancellationToken stop)
    {
        _history.Add(new(ChatRole.User, text));
        var answer = new StringBuilder();
        long started = time.GetTimestamp();
        string finish = "stop";
        TokenUsage usage = default;
        IReadOnlyList<string>? faults = null;
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(_history, options, stop))
            {
                if (update.Text.Length > 0)
                {
                    answer.Append(update.Text);
                    show(update.Text);
                }

                finish = update.FinishReason?.Value ?? finish;
                faults = Faults(update) ?? faults;
                foreach (UsageContent content in update.Contents.OfType<UsageContent>()) usage += From(content.Details);
            }
        }
        finally
        {
            if (answer.Length > 0) _history.Add(new(ChatRole.Assistant, answer.ToString()));
            else _history.RemoveAt(_history.Count - 1);
        }

        return new(answer.ToString(), finish, usage, time.GetElapsedTime(started), faults);
    }

    private static List<ChatMessage> Begin(string? system) => system is null ? [] : [new(ChatRole.System, system)];

    private static IReadOnlyList<string>? Faults(ChatResponseUpdate update) =>
        update.AdditionalProperties?.GetValueOrDefault(LocalResponseDetails.Key) is LocalResponseDetails { SchemaErrors: { Count: > 0 } errors }
            ? [.. errors.Select(error => $"{(error.Path.Length == 0 ? "the whole" : error.Path)}: {error.Message}")]
            : null;

    private static TokenUsage From(UsageDetails details) =>
        new(details.InputTokenCount ?? 0, details.CachedInputTokenCount ?? 0, details.OutputTokenCount ?? 0);
}
