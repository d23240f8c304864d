namespace AgentKit.Kernel.Actors;

/// <summary>
/// Tells a supervising actor that one of its actors is down. It may let a new one be made (<see cref="ActorSystem.StopAsync"/>), do the work
/// in another way, or throw <paramref name="Error"/> itself, which makes the failure its own and its own supervisor's.
/// </summary>
/// <param name="Actor">The actor that is down.</param>
/// <param name="Error">What it threw last.</param>
public sealed record ActorFailed(ActorId Actor, Exception Error);
