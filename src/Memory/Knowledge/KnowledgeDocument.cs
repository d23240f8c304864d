namespace AgentKit.Memory.Knowledge;

/// <summary>A document that is indexed.</summary>
/// <param name="Source">A file's absolute path, or the name the program gave.</param>
/// <param name="Title">Its title; empty when it has none.</param>
/// <param name="Kind">What it is, such as <c>markdown</c>.</param>
/// <param name="Bytes">Size of its source.</param>
/// <param name="Hash">SHA-256 of the source's bytes, in hexadecimal; changes when the document does.</param>
public sealed record KnowledgeDocument(string Source, string Title, string Kind, long Bytes, string Hash);
