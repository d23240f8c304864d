using System.Numerics.Tensors;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>
/// Distillation over batches: the weighted mean over all tokens of (1 − s)·τ²·KL − s·ln p(token), s the share of the rows' own likelihood.
/// </summary>
/// <param name="teacher">Says what it would write.</param>
/// <param name="vocabulary">Tokens, from the first, that both models know.</param>
/// <param name="options">The run.</param>
internal sealed class DistillBatch(TeacherModel teacher, int vocabulary, DistillRunOptions options)
{
    private readonly double[] _student = new double[vocabulary], _teacher = new double[vocabulary], _gradient = new double[vocabulary];
    private readonly double _temperature = options.Distillation.Temperature;
    private double[] _likelihood = [], _exponents = [];
    private Sums _pack = new();

    /// <summary>A prediction's loss by its logits.</summary>
    public double OfRow(Pack pack, int row, ReadOnlySpan<float> logits, Span<float> slope)
    {
        // What is measured beside the loss belongs to the pack whose losses the objective is given next.
        if (row == 0) _pack = new();
        int place = 0;
        while (pack.Ranges[place].End.Value <= row) place++;
        ReadOnlySpan<float> other = teacher.Logits(pack.Samples[place], pack.Positions[pack.Rows[row]])[..vocabulary], own = logits[..vocabulary];
        bool agrees = TensorPrimitives.IndexOfMax(own) == TensorPrimitives.IndexOfMax(other);
        TensorPrimitives.ConvertChecked(own, _student);
        TensorPrimitives.ConvertChecked(other, _teacher);
        double divergence = DistillationObjective.OfRow(_student, _teacher, options.Distillation, 1 - options.SftWeight, _gradient);
        slope.Clear();
        TensorPrimitives.ConvertTruncating<double, float>(_gradient, slope[..vocabulary]);
        double likelihood = options.SftWeight > 0 ? Likelihood(logits, pack.Targets[row], slope) : 0;
        double weight = pack.Weights[row];
        _pack = _pack.Plus(new(weight, weight * divergence, weight * likelihood, agrees ? weight : 0));
        return ((1 - options.SftWeight) * _temperature * _temperature * divergence) - (options.SftWeight * likelihood);
    }

    /// <summary>The loss over packs.</summary>
    public BatchLoss Begin(IReadOnlyList<Pack> packs)
    {
        double total = packs.Sum(pack => pack.Weights.Sum());
        Sums sums = new();
        return new((pack, losses) =>
        {
            sums = sums.Plus(_pack);
            double[] shares = Array.ConvertAll(pack.Weights, weight => weight / total);
            return new(TensorPrimitives.Dot<double>(losses, shares), shares);
        })
        {
            Measured = () => sums.Means(options.SftWeight > 0),
        };
    }

    /// <summary>The token's log-probability; its part of the loss is added to the slope.</summary>
    private double Likelihood(ReadOnlySpan<float> logits, int target, Span<float> slope)
    {
        if (_likelihood.Length != logits.Length) (_likelihood, _exponents) = (new double[logits.Length], new double[logits.Length]);
        TensorPrimitives.ConvertChecked(logits, _likelihood);
        Softmax.Normalize(_likelihood, 1, _exponents);
        double result = _likelihood[target];
        TensorPrimitives.Exp(_likelihood, _exponents);
        for (int i = 0; i < slope.Length; i++) slope[i] += (float)(options.SftWeight * _exponents[i]);
        slope[target] -= (float)options.SftWeight;
        return result;
    }

    /// <summary>Weighted sums over predictions.</summary>
    private readonly record struct Sums(double Weight, double Divergence, double Likelihood, double Agreement)
    {
        public Sums Plus(Sums other) =>
            new(Weight + other.Weight, Divergence + other.Divergence, Likelihood + other.Likelihood, Agreement + other.Agreement);

        public Dictionary<string, double> Means(bool withLikelihood)
        {
            Dictionary<string, double> means = new() { ["kl"] = Divergence / Weight, ["agreement"] = Agreement / Weight };
            if (withLikelihood) means["nll"] = -Likelihood / Weight;
            return means;
        }
    }
}
