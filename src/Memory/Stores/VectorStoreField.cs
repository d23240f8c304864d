namespace AgentKit.Memory.Stores;

/// <summary>A field that records of a collection may have beside key, text and vector.</summary>
/// <param name="Name">Small letters, digits and '_', a letter first.</param>
/// <param name="Type">What it holds.</param>
/// <param name="IsIndexed">Whether a filter may name it: stores keep an index for each such field.</param>
public sealed record VectorStoreField(string Name, VectorStoreFieldType Type, bool IsIndexed = true);
