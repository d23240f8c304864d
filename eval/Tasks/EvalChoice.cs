namespace AgentKit.Eval.Tasks;

/// <summary>One answer to choose from.</summary>
/// <param name="Text">The answer itself, without the space before it: its length is what normalized accuracy divides by.</param>
/// <param name="Context">What it follows, where that differs between choices; default: the sample's question.</param>
/// <param name="Continuation">What is scored, where that is not the answer itself.</param>
public sealed record EvalChoice(string Text, string? Context = null, string? Continuation = null);
