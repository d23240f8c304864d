namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>A document as text in blocks. Blocks are in order and do not overlap.</summary>
/// <param name="Text">The text that spans refer to: the file's own where it is text, else what was extracted.</param>
/// <param name="Blocks">Its parts; what lies between them is blank.</param>
/// <param name="Title">The document's own title.</param>
internal sealed record ReadDocument(string Text, IReadOnlyList<Block> Blocks, string? Title = null);
