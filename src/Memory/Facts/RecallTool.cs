using AgentKit.Kernel.Tools;

namespace AgentKit.Memory.Facts;

/// <summary><c>recall{query}</c>: the facts that fit and hold now, one a line.</summary>
internal sealed class RecallTool(FactStore facts, MemoryScope scope, int count) : FactTool(
    "recall", "Look up stored facts.", "query", new ToolContract(ToolReplay.Pure, SideEffect.LocalRead))
{
    protected override async Task<string> AnswerAsync(string text, string? callKey, CancellationToken cancellationToken)
    {
        IReadOnlyList<RecalledFact> found = await facts.RecallAsync(scope, text, count, null, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? "No stored fact fits." : string.Join('\n', found.Select(one => one.Fact.Text));
    }
}
