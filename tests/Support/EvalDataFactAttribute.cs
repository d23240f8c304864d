using Xunit;

namespace AgentKit.Testing;

/// <summary>A test that needs public evaluation data; skipped where that is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EvalDataFactAttribute : FactAttribute
{
    public EvalDataFactAttribute(string relative)
    {
        if (EvalData.PathOf(relative) is null) Skip = $"The test data {relative} is not here; AGENTKIT_TESTDATA may name its parent folder.";
    }
}
