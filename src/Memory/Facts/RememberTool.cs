using AgentKit.Kernel.Tools;

namespace AgentKit.Memory.Facts;

/// <summary><c>remember{text}</c>: stores a fact; run again with the same key it stores it once.</summary>
internal sealed class RememberTool(FactStore facts, MemoryScope scope, Func<string?> runId) : FactTool(
    ToolName,
    "Store a fact for later.",
    "text",
    new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite))
{
    public const string ToolName = "remember";

    protected override async Task<string> AnswerAsync(string text, string? callKey, CancellationToken cancellationToken)
    {
        FactOrigin? origin = callKey is not null && runId() is { } run ? new FactOrigin(run, callKey) : null;
        RememberedFact stored = await facts.RememberAsync(scope, text, origin, null, cancellationToken).ConfigureAwait(false);
        if (!stored.IsNew) return "Known already.";
        return stored.Superseded.Count == 0 ? "Stored." : $"Stored. No longer holds: {string.Join("; ", stored.Superseded.Select(fact => fact.Text))}";
    }
}
