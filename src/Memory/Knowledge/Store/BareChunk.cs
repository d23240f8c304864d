namespace AgentKit.Memory.Knowledge.Store;

/// <summary>A chunk that has no context yet, with its document.</summary>
internal sealed record BareChunk(long Id, long Document, string Source, string Title, string Heading, int Start, string Text);
