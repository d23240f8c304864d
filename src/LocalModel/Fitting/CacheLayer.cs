namespace AgentKit.Models.Fitting;

/// <summary>What one layer stores for a token of context.</summary>
/// <param name="KeyElements">Elements of the key row: KV heads × head length.</param>
/// <param name="ValueElements">Elements of the value row; 0 with latent attention, whose values are part of the keys.</param>
/// <param name="IsWindowed">Whether the layer attends to a sliding window only.</param>
internal readonly record struct CacheLayer(long KeyElements, long ValueElements, bool IsWindowed);
