namespace AgentKit.Memory.Knowledge;

/// <summary>A chunk that a search found.</summary>
/// <param name="Id">The chunk. Stays as long as its text does, and is never given to another one.</param>
/// <param name="Source">The document: a file's absolute path, or the name the program gave.</param>
/// <param name="Title">The document's title.</param>
/// <param name="Page">Page or slide from 1, where the format has them.</param>
/// <param name="Heading">The headings above the chunk, outermost first, joined by " > "; empty when there are none.</param>
/// <param name="Start">Its first character in the document: in the file itself where that is text, else in the text that was extracted.</param>
/// <param name="End">The character behind its last.</param>
/// <param name="Score">Larger is better; comparable within one search only.</param>
/// <param name="Text">The chunk.</param>
/// <param name="ChunkHash">First 16 bytes of SHA-256 over title, heading and text, in hexadecimal.</param>
/// <param name="DocumentHash">SHA-256 of the source's bytes, in hexadecimal.</param>
public sealed record Hit(
    long Id, string Source, string Title, int? Page, string Heading, int Start, int End, double Score, string Text, string ChunkHash, string DocumentHash)
{
    /// <summary>
    /// What a model said about the chunk; see <see cref="EnrichmentOptions"/>. <c>null</c> when it was not asked. A chunk that gets another one gets
    /// another id.
    /// </summary>
    public string? Context { get; init; }
}
