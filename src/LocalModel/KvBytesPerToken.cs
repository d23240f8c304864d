namespace AgentKit.Models;

/// <summary>Bytes of key/value cache that one token of context takes over all layers, by the type of the cache.</summary>
/// <param name="F16">Half floats.</param>
/// <param name="Q8_0">8-bit blocks; null if the heads do not divide into blocks of 32.</param>
/// <param name="Q4_0">4-bit blocks; null if the heads do not divide into blocks of 32.</param>
public sealed record KvBytesPerToken(long F16, long? Q8_0, long? Q4_0);
