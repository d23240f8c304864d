using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>What a run computes with as far as its last bits depend on it: found out by measuring when it begins, kept for when it goes on.</summary>
/// <param name="Products">How matrices are multiplied; never <see cref="ProductPath.Auto"/>.</param>
internal sealed record RunEngine(ProductPath Products);
