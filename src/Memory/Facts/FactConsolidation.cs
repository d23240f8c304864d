using System.Text.Json;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;

namespace AgentKit.Memory.Facts;

/// <summary>
/// Makes facts of the journal in the background: an actor that takes <see cref="ConsolidateRun"/>, one at a time. What a run stored with
/// <c>remember</c> is stored if it is not there yet, at the time at which it was said; then <see cref="FactOptions.Extractor"/> may find more.
/// Consolidating a run again changes nothing and brings nothing back that was forgotten: after a crash send the message once more.
/// </summary>
/// <param name="facts">Where the facts go.</param>
/// <param name="journal">Where the episodes are.</param>
public sealed class FactConsolidation(FactStore facts, IJournal journal) : Actor<ConsolidateRun>
{
    /// <summary>The kind under which it is registered: <c>facts/scope</c>.</summary>
    public const string Kind = "facts";

    /// <summary>Makes facts of one run.</summary>
    /// <param name="message">Which.</param>
    /// <param name="cancellationToken">Ends it between two facts; the same call goes on there.</param>
    /// <returns>Number of facts that are new.</returns>
    public async Task<int> ConsolidateAsync(ConsolidateRun message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (await facts.HasRunAsync(message.Scope, message.RunId, cancellationToken).ConfigureAwait(false)) return 0;
        var keys = new Dictionary<(int, string), string>();
        (int added, string? task, string? answer, DateTimeOffset asked, bool finished) = (0, null, null, default, false);
        await foreach (JournalRecord record in journal.ReadAsync(message.RunId, cancellationToken).ConfigureAwait(false))
        {
            switch (record.Event)
            {
                case AgentEvent.RunStarted started:
                    (task, asked) = (started.Task, record.At);
                    break;
                case AgentEvent.ToolStarted started:
                    keys[(started.Step, started.Call.Id)] = started.Key;
                    break;
                case AgentEvent.ToolCompleted { Error: null, Call: { Name: RememberTool.ToolName } call } done
                    when Text(call) is { Length: > 0 } text && keys.TryGetValue((done.Step, call.Id), out string? key):
                    added += await AddAsync(message, text, new FactOrigin(message.RunId, key), record.At, cancellationToken).ConfigureAwait(false);
                    break;
                case AgentEvent.RunFinished end:
                    (finished, answer) = (true, end.Answer);
                    break;
            }
        }

        if (!finished) return added;
        if (facts.Options.Extractor is { } extractor && task is not null)
        {
            foreach (string text in await extractor(task, answer, cancellationToken).ConfigureAwait(false))
                added += await AddAsync(message, text, new FactOrigin(message.RunId), asked, cancellationToken).ConfigureAwait(false);
        }

        // Last: a run that was consolidated in part is consolidated again.
        await facts.AddRunAsync(message.Scope, message.RunId, cancellationToken).ConfigureAwait(false);
        return added;
    }

    /// <summary>Consolidates a run and answers with the number of facts that are new.</summary>
    /// <param name="message">Which.</param>
    /// <param name="context">Who asks.</param>
    protected override async ValueTask ReceiveAsync(ConsolidateRun message, ActorContext context) =>
        context.Reply(await ConsolidateAsync(message, context.Stopping).ConfigureAwait(false));

    private static string? Text(ToolCall call) =>
        call.Arguments is { ValueKind: JsonValueKind.Object } arguments && arguments.TryGetProperty("text", out JsonElement text)
        && text.ValueKind is JsonValueKind.String ? text.GetString()!.Trim() : null;

    private async Task<int> AddAsync(ConsolidateRun message, string text, FactOrigin origin, DateTimeOffset at, CancellationToken cancellationToken)
    {
        RememberedFact remembered = await facts.RememberAsync(message.Scope, text, origin, at, cancellationToken).ConfigureAwait(false);
        return remembered.IsNew ? 1 : 0;
    }
}
