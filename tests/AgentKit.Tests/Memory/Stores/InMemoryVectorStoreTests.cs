using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.InMemory;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Memory.Stores;

public sealed class InMemoryVectorStoreTests : VectorStoreContract
{
    protected override bool Persists => false;

    private protected override Task<VectorStore> OpenAsync() => Task.FromResult<VectorStore>(new InMemoryVectorStore());
}
