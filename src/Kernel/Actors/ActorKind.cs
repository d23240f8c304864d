namespace AgentKit.Kernel.Actors;

/// <summary>What all actors of one kind share.</summary>
internal sealed record ActorKind(ActorSystem System, Func<ActorId, Actor> Create, ActorKindOptions Options);
