namespace AgentKit.Eval.Subjects;

/// <summary>How likely is this continuation of this prompt?</summary>
/// <param name="Prompt">What stands before.</param>
/// <param name="Continuation">What follows; with a leading space where words are separated by spaces.</param>
public sealed record ScoreRequest(EvalPrompt Prompt, string Continuation);
