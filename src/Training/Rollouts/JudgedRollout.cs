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

    /// <summary>Stretches behind the prompt that the model did not write: results of tools and what the template puts around them. <c>null</c> for none.</summary>
    public IReadOnlyList<TokenSpan>? Results { get; init; }

    /// <summary>Calls whose tool crashed.</summary>
    public int ToolFailures { get; init; }

    /// <summary>Tokens that the model wrote.</summary>
    public int AnswerTokens => Tokens.Length - PromptTokens - (Results?.Sum(span => span.Count) ?? 0);

    /// <summary>Only what the model wrote counts.</summary>
    public TrainingSample ToSample()
    {
        var weights = new double[Tokens.Length];
        weights.AsSpan(PromptTokens).Fill(1);
        foreach (TokenSpan span in Results ?? []) weights.AsSpan(span.Start, span.Count).Clear();
        return new(Line, Tokens, weights);
    }

    /// <summary>The stretches of a sample behind its prompt that do not count.</summary>
    public static IReadOnlyList<TokenSpan>? ResultsOf(TrainingSample sample, int promptTokens)
    {
        List<TokenSpan> spans = [];
        for (int t = promptTokens; t < sample.Tokens.Length; t++)
        {
            if (sample.Weights[t] != 0) continue;
            int start = t;
            while (t < sample.Tokens.Length && sample.Weights[t] == 0) t++;
            spans.Add(new(start, t - start));
        }

        return spans.Count == 0 ? null : spans;
    }
}
