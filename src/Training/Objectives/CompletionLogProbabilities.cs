namespace AgentKit.Training.Objectives;

/// <summary>Log-probabilities of the tokens of one completion, natural logarithm, one entry for each token.</summary>
/// <param name="Policy">Under the model in training; the input that objectives differentiate by.</param>
/// <param name="Reference">Under the reference model, a constant; <c>null</c> where the objective needs none.</param>
/// <param name="Old">Under the model that sampled the completion, a constant; <c>null</c> where the objective needs none.</param>
public sealed record CompletionLogProbabilities(double[] Policy, double[]? Reference = null, double[]? Old = null)
{
    /// <summary>Number of tokens.</summary>
    public int Tokens => Policy.Length;

    /// <summary>The reference values, which the objective cannot do without.</summary>
    /// <exception cref="ArgumentException">There are none, or not one for each token.</exception>
    internal double[] RequiredReference() => Matching(Reference, "reference");

    /// <summary>The sampling model's values, which the objective cannot do without.</summary>
    /// <exception cref="ArgumentException">There are none, or not one for each token.</exception>
    internal double[] RequiredOld() => Matching(Old, "old");

    private double[] Matching(double[]? values, string name) => values is not null && values.Length == Policy.Length
        ? values
        : throw new ArgumentException($"The completion has {Policy.Length} tokens and {values?.Length ?? 0} {name} log-probabilities; one for each token is needed.");
}
