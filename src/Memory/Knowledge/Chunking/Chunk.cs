namespace AgentKit.Memory.Knowledge.Chunking;

/// <summary>A piece of a document's text that is indexed as one.</summary>
internal readonly record struct Chunk(int Start, int End, string Heading, int? Page);
