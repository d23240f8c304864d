namespace AgentKit.Models.Constraints;

/// <summary>A part of a schema that the grammar does not enforce fully. The validator still checks the finished value.</summary>
/// <param name="Path">The schema, as a JSON pointer into the document (<c>#</c> is the whole).</param>
/// <param name="Keyword">The keyword at fault.</param>
/// <param name="Message">What happens instead.</param>
public sealed record SchemaWarning(string Path, string Keyword, string Message);
