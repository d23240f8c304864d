using Xunit;

namespace AgentKit.Testing;

/// <summary>A theory that needs public evaluation data; skipped where that is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EvalDataTheoryAttribute : TheoryAttribute
{
    public EvalDataTheoryAttribute(string relative)
    {
        if (EvalData.PathOf(relative) is null) Skip = $"The test data {relative} is not here; AGENTKIT_TESTDATA may name its parent folder.";
    }
}
