namespace AgentKit.Models.Engine;

/// <summary>LoRA adapters that are active together. Two requests share a batch and the KV of a common beginning only with the same set.</summary>
/// <param name="Scope">Number that stands for this set and no other one.</param>
/// <param name="Adapters">The adapters, each with its scale.</param>
internal sealed record AdapterSet(int Scope, IReadOnlyList<(LoadedAdapter Adapter, float Scale)> Adapters)
{
    public static AdapterSet None { get; } = new(0, []);
}
