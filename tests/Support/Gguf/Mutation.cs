namespace AgentKit.Tests.Support.Gguf;

/// <summary>One way to damage a file.</summary>
/// <param name="Weight">How often it is chosen, relative to the others.</param>
/// <param name="Name">What it does.</param>
/// <param name="Apply">Does it; must not fail on a file that others have damaged before.</param>
internal sealed record Mutation(int Weight, string Name, Action<RawGguf, Random> Apply);
