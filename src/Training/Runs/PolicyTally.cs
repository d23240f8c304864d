using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>How far a policy has moved, over the tokens of a batch.</summary>
/// <param name="clip">Where ratios are clipped; <c>null</c> where they are not.</param>
internal sealed class PolicyTally(GrpoOptions? clip)
{
    private long _tokens;
    private long _clipped;
    private double _divergence;
    private bool _hasReference;

    public void Add(CompletionLogProbabilities completion, double advantage)
    {
        double[] old = completion.RequiredOld();
        for (int t = 0; t < completion.Tokens; t++)
        {
            double ratio = Math.Exp(completion.Policy[t] - old[t]);
            if (clip is not null && ((advantage > 0 && ratio > 1 + clip.ClipHigh) || (advantage < 0 && ratio < 1 - clip.ClipLow))) _clipped++;
            if (completion.Reference is not { } reference) continue;
            double difference = reference[t] - completion.Policy[t];
            _divergence += StableMath.ExpM1(difference) - difference;
            _hasReference = true;
        }

        _tokens += completion.Tokens;
    }

    public Dictionary<string, double> AddTo(Dictionary<string, double> metrics)
    {
        if (clip is not null) metrics["clipped"] = _tokens == 0 ? 0 : (double)_clipped / _tokens;
        if (_hasReference) metrics["kl"] = _divergence / _tokens;
        return metrics;
    }
}
