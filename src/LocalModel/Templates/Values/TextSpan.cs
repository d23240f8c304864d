namespace AgentKit.Models.Templates.Values;

/// <summary>A range of characters that came from input data.</summary>
/// <param name="Start">Index of the first character.</param>
/// <param name="End">Index behind the last character.</param>
internal readonly record struct TextSpan(int Start, int End);
