namespace AgentKit.Eval.Comparison;

/// <summary>A task that cannot be compared, because one of two runs has no number for it.</summary>
/// <param name="Task">The task.</param>
/// <param name="A">What the first run has: <c>measured</c>, <c>failed</c> (every sample of it failed) or <c>absent</c>.</param>
/// <param name="B">What the second run has.</param>
public sealed record UncomparedTask(string Task, string A, string B)
{
    internal const string Measured = "measured";
    internal const string Failed = "failed";
    internal const string Absent = "absent";

    /// <summary>Whether both runs asked it, and it failed in one of them or in both: something is missing that was meant to be compared.</summary>
    public bool IsFailure => A != Absent && B != Absent;

    /// <summary>The same in a sentence.</summary>
    public override string ToString() => $"{Task} is not compared: it {InWords(A)} in A and {InWords(B)} in B.";

    private static string InWords(string state) => state switch
    {
        Measured => "has a number",
        Failed => "failed in every sample",
        _ => "was not run",
    };
}
