namespace AgentKit.Models.Templates;

/// <summary>
/// A template variable that the application vouches for, such as the beginning-of-sequence token. Control tokens in it are recognised as
/// if the
/// template itself had written them. Never wrap text that a user, a tool or a model had a hand in.
/// </summary>
/// <param name="Value">The text.</param>
public sealed record TrustedText(string Value);
