using AgentKit.Kernel.Runs;

namespace AgentKit.Cli.Chat;

/// <summary>One answer of the model, whole or as far as it got.</summary>
/// <param name="Text">The text.</param>
/// <param name="FinishReason">Why it ended: <c>stop</c>, <c>length</c>.</param>
/// <param name="Usage">Tokens.</param>
/// <param name="Elapsed">Wall time.</param>
/// <param name="Faults">Where the answer does not fit the schema that was asked for; <c>null</c> when it does.</param>
internal sealed record ChatAnswer(string Text, string FinishReason, TokenUsage Usage, TimeSpan Elapsed, IReadOnlyList<string>? Faults = null);
