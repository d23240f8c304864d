using AgentKit.Training.Data;

namespace AgentKit.Training.Rollouts;

/// <summary>An answer and what it was worth.</summary>
/// <param name="Line">Line of the prompt.</param>
/// <param name="Tokens">Prompt and answer.</param>
/// <param name="PromptTokens">Tokens before the answer.</param>
/// <param name="Text">The answer.</param>
/// <param name="Ended">Whether the model ended it.</param>
/// <param name="Reward">The weighted sum.</param>
/// <param name="Parts">Each reward by name.</param>
/// <param name="Advantage">How much better than its group's it was; of PPO the mean over its tokens.</param>
internal sealed record JudgedRollout(
    int Line, int[] Tokens, int PromptTokens, string Text, bool Ended, double Reward, IReadOnlyDictionary<string, double> Parts, double Advantage)
{
    /// <summary>Log-probabilities of the answer under the weights that wrote it; <c>null</c> where every answer is learned from once, when they are those of the step.</summary>
    public double[]? Old { get; init; }

    /// <summary>The same under the reference, where it is known before the step.</summary>
    public double[]? Reference { get; init; }

    /// <summary>What a value head expected before each token of the answer, where there is one.</summary>
    public double[]? Values { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public int AnswerTokens => Tokens.Length - PromptTokens;

    public TrainingSample ToSample() =>
        new(Line, Tokens, [.. Enumerable.Repeat(0.0, PromptTokens), .. Enumerable.Repeat(1.0, AnswerTokens)]);
}
