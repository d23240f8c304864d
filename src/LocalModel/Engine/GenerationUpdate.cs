namespace AgentKit.Models.Engine;

/// <summary>New output of a sequence; the last one carries the end.</summary>
/// <param name="Text">New text, possibly empty.</param>
/// <param name="End">Why generation ended, on the last update.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Tokens of the prompt that needed no computation.</param>
/// <param name="OutputTokens">Tokens generated so far, the end token included.</param>
internal readonly record struct GenerationUpdate(string Text, GenerationEnd? End, int PromptTokens, int CachedTokens, int OutputTokens);
