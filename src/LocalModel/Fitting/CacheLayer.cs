namespace AgentKit.Models.Fitting;

/// <summary>What one layer stores for a token of context.</summary>
/// <param name="Heads">KV heads.</param>
/// <param name="KeyLength">Elements of a head's key.</param>
/// <param name="ValueLength">Elements of a head's value; 0 with latent attention, whose values are part of the keys.</param>
/// <param name="IsWindowed">Whether the layer attends to a sliding window only.</param>
internal readonly record struct CacheLayer(long Heads, long KeyLength, long ValueLength, bool IsWindowed)
{
    /// <summary>Elements of keys and values together.</summary>
    public long Elements => Heads * (KeyLength + ValueLength);
}
