namespace AgentKit.Memory.Knowledge.Shared;

/// <summary>What publishing did.</summary>
/// <param name="Chunks">Chunks of the knowledge base.</param>
/// <param name="Sent">Those that were new or changed.</param>
/// <param name="Removed">Those that the store had and the knowledge base has not any more.</param>
public sealed record PublishReport(int Chunks, int Sent, int Removed);
