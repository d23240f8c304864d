namespace AgentKit.Memory.Knowledge;

/// <summary>A chunk of a document as it is indexed. Neighbours may overlap: their places say by how much.</summary>
/// <param name="Ordinal">Its number in the document, from 0.</param>
/// <param name="Page">Page or slide from 1, where the format has them.</param>
/// <param name="Heading">The headings above it, outermost first, joined by " > ".</param>
/// <param name="Start">Its first character in the document.</param>
/// <param name="End">The character behind its last.</param>
/// <param name="Text">Its text.</param>
public sealed record KnowledgePassage(int Ordinal, int? Page, string Heading, int Start, int End, string Text);
