namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>A part of a document that is cut only when it is too long.</summary>
/// <param name="Start">Its first character in the document's text.</param>
/// <param name="End">The character behind its last.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Heading">The headings above it, outermost first, joined by " > "; empty when there are none.</param>
/// <param name="Page">The page or slide from 1, where the format has them.</param>
internal readonly record struct Block(int Start, int End, BlockKind Kind, string Heading, int? Page = null);
