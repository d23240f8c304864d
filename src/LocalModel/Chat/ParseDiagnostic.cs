namespace AgentKit.Models.Chat;

/// <summary>Model output that looked like a tool call but was none; it was passed on as text.</summary>
/// <param name="Reason">What was expected and what was found.</param>
/// <param name="Text">The output in question, as the model wrote it.</param>
public sealed record ParseDiagnostic(string Reason, string Text);
