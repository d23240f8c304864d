using System.Collections.Concurrent;
using AgentKit.Kernel.Actors;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Kernel;

/// <summary>An actor system with a fake clock whose actors are lambdas, and which keeps its dead letters.</summary>
internal sealed class ActorHarness : IAsyncDisposable
{
    public ActorHarness(TimeSpan? drainTimeout = null) => System = new ActorSystem(new ActorSystemOptions
    {
        TimeProvider = Time,
        OnDeadLetter = DeadLetters.Enqueue,
        DrainTimeout = drainTimeout ?? TimeSpan.FromSeconds(30),
    });

    public FakeTimeProvider Time { get; } = new();

    public ConcurrentQueue<DeadLetter> DeadLetters { get; } = new();

    public ActorSystem System { get; }

    /// <summary>Registers a kind of that one name and returns the id of its actor <c>1</c>.</summary>
    public ActorId Add(string kind, Func<object, ActorContext, ValueTask> receive, ActorKindOptions? options = null)
    {
        System.Register(kind, _ => new LambdaActor(receive), options);
        return new ActorId(kind, "1");
    }

    /// <summary>Registers a kind whose every new instance gets its own state from <paramref name="make"/>.</summary>
    public ActorId AddStateful(string kind, Func<Func<object, ActorContext, ValueTask>> make, ActorKindOptions? options = null)
    {
        System.Register(kind, _ => new LambdaActor(make()), options);
        return new ActorId(kind, "1");
    }

    public ValueTask DisposeAsync() => System.DisposeAsync();

    internal sealed class LambdaActor(Func<object, ActorContext, ValueTask> receive) : Actor
    {
        public override ValueTask ReceiveAsync(object message, ActorContext context) => receive(message, context);
    }
}
