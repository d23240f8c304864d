namespace AgentKit.Memory.Stores;

/// <summary>A record that a search found.</summary>
/// <param name="Record">The record.</param>
/// <param name="Score">Larger is better: the cosine, BM25, or the sum of weight / (k + rank). Scores compare within one search only.</param>
public sealed record VectorSearchResult(VectorStoreRecord Record, double Score);
