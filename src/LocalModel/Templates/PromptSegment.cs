namespace AgentKit.Models.Templates;

/// <summary>A piece of a rendered prompt with one origin.</summary>
/// <param name="Text">The piece, never empty.</param>
/// <param name="IsData">
/// True when the text came from messages, tools or variables. Control tokens must not be recognised in it: a user who writes
/// <c>&lt;|im_start|&gt;</c> means these characters. False when the template itself wrote it.
/// </param>
public readonly record struct PromptSegment(string Text, bool IsData);
