namespace AgentKit.Eval.Tasks.Code;

/// <summary>What became of a program.</summary>
/// <param name="Passed">Whether it came to its end.</param>
/// <param name="Reason">Why not: the last line it wrote about its failure.</param>
public sealed record CodeResult(bool Passed, string Reason);
