namespace AgentKit.Models.Constraints;

/// <summary>A place where a value does not fit its schema.</summary>
/// <param name="Path">The value at fault, as a JSON pointer (empty: the whole value).</param>
/// <param name="Schema">The schema it breaks, as a JSON pointer into the schema document.</param>
/// <param name="Keyword">The keyword it breaks.</param>
/// <param name="Message">What was found and what is allowed.</param>
public sealed record SchemaError(string Path, string Schema, string Keyword, string Message);
