using AgentKit.Kernel.Runs;

namespace AgentKit.Tests.Memory;

public class InMemoryJournalTests : JournalContract
{
    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IJournal> OpenAsync() => Task.FromResult<IJournal>(new InMemoryJournal(Time));
}
