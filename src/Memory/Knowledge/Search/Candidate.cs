namespace AgentKit.Memory.Knowledge.Search;

/// <summary>A chunk that a part of a search proposes.</summary>
internal readonly record struct Candidate(long Chunk, double Score);
