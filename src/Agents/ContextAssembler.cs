using System.Globalization;
using AgentKit.Kernel;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>Makes the messages for the next model call and shortens them by the agent's policy until they fit.</summary>
internal sealed class ContextAssembler(ModelCaller model, AgentOptions options)
{
    private const int DefaultReserve = 1024;
    private const string SummaryRequest =
        "Summarize the conversation so far for yourself: what was found out, with names and numbers, what was done, and what is left to do.";

    /// <summary>The messages for the next call.</summary>
    /// <returns><c>null</c> when they do not fit, whatever the policy allows.</returns>
    public async Task<List<ChatMessage>?> AssembleAsync(RunRecorder run, CancellationToken cancellationToken)
    {
        await LoadSectionsAsync(run, cancellationToken).ConfigureAwait(false);
        List<ChatMessage> messages = ChatHistory.From(run.Events);
        if (model.Counter is not { } counter || Budget(counter) is not { } budget) return messages;
        ChatOptions chatOptions = model.Options();
        int tokens = counter.CountTokens(messages, chatOptions);
        foreach (CompactionKind kind in options.Context.Compaction)
        {
            if (tokens <= budget) break;
            var step = new Step(run, counter, chatOptions, budget, tokens);
            AgentEvent.ContextCompacted? done = kind is CompactionKind.Summary
                ? await SummarizeAsync(step, cancellationToken).ConfigureAwait(false)
                : Compact(step, kind);
            if (done is null) continue;
            await run.AppendAsync(done).ConfigureAwait(false);
            messages = ChatHistory.From(run.Events);
            tokens = done.TokensAfter;
        }

        return tokens <= budget ? messages : null;
    }

    /// <summary>Says by how much the context is too long.</summary>
    public string Explain(RunRecorder run)
    {
        List<ChatMessage> messages = ChatHistory.From(run.Events);
        int tokens = model.Counter!.CountTokens(messages, model.Options());
        int tools = tokens - model.Counter.CountTokens(messages);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The context takes {tokens} tokens, {tools} of them for the schemas of the tools; {Budget(model.Counter)} are allowed, "
            + $"and nothing more of it may be shortened.");
    }

    private int? Budget(ITokenCounter counter)
    {
        ContextOptions context = options.Context;
        int reserve = context.AnswerReserve ?? Math.Min(DefaultReserve, counter.ContextLength / 4);
        return context.MaxTokens ?? (counter.ContextLength > 0 ? Math.Max(1, counter.ContextLength - reserve) : null);
    }

    /// <summary>Sections are made once for each run; a run that was interrupted among them makes the rest.</summary>
    private async Task LoadSectionsAsync(RunRecorder run, CancellationToken cancellationToken)
    {
        if (options.Context.Sections.Count == 0 || run.State.Rounds > 0) return;
        HashSet<string> there = [.. run.Events.OfType<AgentEvent.SectionAdded>().Select(section => section.Name)];
        foreach (ContextSection section in options.Context.Sections)
        {
            if (!there.Add(section.Name)) continue;
            string? text = await section.Load(run.State.Start!.Task, cancellationToken).ConfigureAwait(false);
            if (string.IsNullOrWhiteSpace(text)) continue;
            await run.AppendAsync(new AgentEvent.SectionAdded(section.Name, section.Priority, text)).ConfigureAwait(false);
        }
    }

    /// <summary>The least compaction of a kind that makes the context fit; the most it can do when even that is too little.</summary>
    private AgentEvent.ContextCompacted? Compact(Step step, CompactionKind kind)
    {
        AgentEvent.ContextCompacted? best = null;
        foreach (AgentEvent.ContextCompacted candidate in Candidates(step, kind))
        {
            int after = step.Count(candidate);
            if (after >= (best?.TokensAfter ?? step.Tokens)) continue;
            best = candidate with { TokensAfter = after };
            if (after <= step.Budget) break;
        }

        return best;
    }

    private IEnumerable<AgentEvent.ContextCompacted> Candidates(Step step, CompactionKind kind)
    {
        int last = step.Run.State.LastStep;
        AgentEvent.ContextCompacted Event(int through, string? section = null, int? limit = null) =>
            new(last, kind, through, section, null, limit, step.Tokens, step.Tokens);
        return kind switch
        {
            CompactionKind.Section => step.Run.Events.OfType<AgentEvent.SectionAdded>()
                .Where(section => section.Priority < 0).OrderBy(section => section.Priority).Select(section => Event(0, section.Name)),
            CompactionKind.CappedResults =>
                [Event(last, limit: options.Context.ResultCap) with { ToolLimits = ToolLimits() }],
            _ => OldRounds(step.Run).Select(through => Event(through)),
        };
    }

    private IReadOnlyDictionary<string, int>? ToolLimits() =>
        options.Context.ToolResultCaps is { Count: > 0 } caps ? caps : null;

    /// <summary>The last step of each round that may be shortened, the oldest round first.</summary>
    private IEnumerable<int> OldRounds(RunRecorder run)
    {
        int hidden = Compactions.From(run.Events).HiddenThrough;
        return run.Events.OfType<AgentEvent.ModelReplied>()
            .Where(reply => reply.Step > hidden)
            .Select(reply => reply.Step + reply.Calls.Count)
            .SkipLast(options.Context.KeepRounds);
    }

    private async Task<AgentEvent.ContextCompacted?> SummarizeAsync(Step step, CancellationToken cancellationToken)
    {
        int through = OldRounds(step.Run).LastOrDefault();
        if (through == 0) return null;
        AgentEvent[] old = [.. step.Run.Events.TakeWhile(e => e is not AgentEvent.ModelReplied reply || reply.Step <= through)];
        List<ChatMessage> messages = [.. ChatHistory.From(old), new ChatMessage(ChatRole.User, SummaryRequest)];
        if (step.Counter.CountTokens(messages) > step.Budget) return null;
        ChatResponse response = await model.AskAsync(messages, cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(response.Text)) return null;
        var summary = new AgentEvent.ContextCompacted(
            step.Run.State.LastStep, CompactionKind.Summary, through, null, response.Text.Trim(), null, step.Tokens, step.Tokens);
        int after = step.Count(summary);
        return after < step.Tokens ? summary with { TokensAfter = after } : null;
    }

    /// <summary>One attempt to make a context of <paramref name="Tokens"/> tokens fit.</summary>
    private sealed record Step(RunRecorder Run, ITokenCounter Counter, ChatOptions Options, int Budget, int Tokens)
    {
        /// <summary>Tokens of the context after a compaction.</summary>
        public int Count(AgentEvent.ContextCompacted compaction) =>
            Counter.CountTokens(ChatHistory.From([.. Run.Events, compaction]), Options);
    }
}
