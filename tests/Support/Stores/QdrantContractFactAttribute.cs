using Xunit;

namespace AgentKit.Tests.Support;

/// <summary>A test that needs Qdrant's published contract; skipped where that is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QdrantContractFactAttribute : FactAttribute
{
    public QdrantContractFactAttribute()
    {
        if (QdrantContractServer.Contract is null) Skip = "The test data qdrant/openapi.json are not here; AGENTKIT_TESTDATA may name the folder that holds them.";
    }
}
