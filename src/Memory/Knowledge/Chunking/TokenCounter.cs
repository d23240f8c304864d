namespace AgentKit.Memory.Knowledge.Chunking;

/// <summary>Counts the tokens of a text as the embedding model reads it. Called by several threads at once.</summary>
/// <param name="text">The text.</param>
public delegate int TokenCounter(ReadOnlySpan<char> text);
