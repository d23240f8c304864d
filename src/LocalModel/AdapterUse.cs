namespace AgentKit.Models;

/// <summary>A LoRA adapter and how strongly it acts.</summary>
/// <param name="Name">The name it was loaded under.</param>
/// <param name="Scale">1 as trained; 0 not at all.</param>
public sealed record AdapterUse(string Name, float Scale = 1);
