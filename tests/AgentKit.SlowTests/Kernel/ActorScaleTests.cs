using AgentKit.Kernel.Actors;

namespace AgentKit.SlowTests.Kernel;

public class ActorScaleTests
{
    [Fact]
    public async Task IdleActors_AMillion_TakeAtMost600BytesEach()
    {
        const int count = 1_000_000;
        await using var system = new ActorSystem();
        var handled = new CountdownEvent(count);
        system.Register("cell", _ => new Cell(handled));
        system.Tell(new ActorId("cell", "warm"), "start");
        long before = GC.GetTotalMemory(forceFullCollection: true);

        for (int i = 0; i < count - 1; i++) await system.TellAsync(new ActorId("cell", i.ToString()), "start");
        handled.Wait();
        long bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;

        Assert.InRange(bytes, 1, 600);
    }

    private sealed class Cell(CountdownEvent handled) : Actor
    {
        public override ValueTask ReceiveAsync(object message, ActorContext context)
        {
            handled.Signal();
            return default;
        }
    }
}
