namespace AgentKit.Memory.Facts;

/// <summary>A text of core memory: always in the context.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Text">What it says.</param>
public sealed record CoreBlock(string Name, string Text);
