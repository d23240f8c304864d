using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Facts;

/// <summary>An agent's tools over its memory.</summary>
public static class FactTools
{
    private const int Recalled = 5;

    /// <summary><c>remember{text}</c>, <c>recall{query}</c> and <c>forget{text}</c>, over one scope.</summary>
    /// <param name="facts">The memory.</param>
    /// <param name="scope">All that the model can read or change.</param>
    /// <param name="runId">The run at work, noted with what it stores; <c>null</c> when it is not known.</param>
    public static IReadOnlyList<AIFunction> Create(FactStore facts, MemoryScope scope, Func<string?>? runId = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(scope);
        return [new RememberTool(facts, scope, runId ?? (() => null)), new RecallTool(facts, scope, Recalled), new ForgetTool(facts, scope)];
    }
}
