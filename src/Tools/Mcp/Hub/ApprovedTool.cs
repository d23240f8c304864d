namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A tool as it was approved.</summary>
/// <param name="Sha256">SHA-256 of the definition, hexadecimal: what a later definition is held against.</param>
/// <param name="Definition">The definition as JSON: what a person is shown the change from.</param>
public sealed record ApprovedTool(string Sha256, string Definition);
