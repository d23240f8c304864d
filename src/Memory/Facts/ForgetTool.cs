using AgentKit.Kernel.Tools;

namespace AgentKit.Memory.Facts;

/// <summary><c>forget{text}</c>: forgets the fact that says this, word for word. It cannot be undone, and so it asks.</summary>
internal sealed class ForgetTool(FactStore facts, MemoryScope scope) : FactTool(
    "forget", "Delete a stored fact.", "text", new ToolContract(ToolReplay.Idempotent, SideEffect.Irreversible))
{
    private const int Nearest = 3;

    protected override async Task<string> AnswerAsync(string text, string? callKey, CancellationToken cancellationToken)
    {
        IReadOnlyList<Fact> found = await facts.FindAsync(scope, text, cancellationToken).ConfigureAwait(false);
        if (found.Count > 0)
        {
            ForgetReceipt receipt = await facts.ForgetAsync(scope, found.Select(fact => fact.Id), cancellationToken).ConfigureAwait(false);
            return $"Forgotten. Receipt {receipt.Id}.";
        }

        IReadOnlyList<RecalledFact> near = await facts.RecallAsync(scope, text, Nearest, null, cancellationToken).ConfigureAwait(false);
        string what = near.Count == 0 ? "" : $" Give the text of one of these: {string.Join("; ", near.Select(one => one.Fact.Text))}";
        return $"No stored fact says exactly this.{what}";
    }
}
