using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>How far policy and values have moved, over the tokens of a batch.</summary>
internal sealed class PpoTally
{
    private long _tokens;
    private long _clipped;
    private double _squares;
    private double _divergence;
    private bool _hasReference;

    public void Add(PpoRow row, PpoOptions options)
    {
        double[] old = row.Completion.RequiredOld();
        for (int t = 0; t < row.Completion.Tokens; t++)
        {
            double ratio = Math.Exp(row.Completion.Policy[t] - old[t]), error = row.Values[t] - row.Returns[t];
            if ((row.Advantages[t] > 0 && ratio > 1 + options.Clip) || (row.Advantages[t] < 0 && ratio < 1 - options.Clip)) _clipped++;
            _squares += error * error;
            if (row.Completion.Reference is not { } reference) continue;
            double difference = reference[t] - row.Completion.Policy[t];
            _divergence += StableMath.ExpM1(difference) - difference;
            _hasReference = true;
        }

        _tokens += row.Completion.Tokens;
    }

    public Dictionary<string, double> AddTo(Dictionary<string, double> metrics, double explainedVariance)
    {
        metrics["clipped"] = (double)_clipped / _tokens;
        metrics["value_loss"] = 0.5 * _squares / _tokens;
        metrics["explained_variance"] = explainedVariance;
        if (_hasReference) metrics["kl"] = _divergence / _tokens;
        return metrics;
    }
}
