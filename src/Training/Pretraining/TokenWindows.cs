using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Pretraining;

/// <summary>
/// A long run of tokens in windows of the model's context, each beginning with the last token of the one before, so that every token but the first is predicted
/// once. The last windows are held out.
/// </summary>
internal sealed class TokenWindows
{
    /// <summary>Windows held in memory and measured at once: more would settle the loss no better, and take hours on a CPU.</summary>
    private const int MostMeasured = 1024;

    private readonly TokenFile _tokens;
    private readonly int _length;
    private readonly int _packTokens;
    private readonly int _learned;
    private readonly int _count;
    private readonly EpochOrder _order;

    /// <exception cref="UserInputException">The text has too few tokens.</exception>
    public TokenWindows(TokenFile tokens, PretrainOptions options)
    {
        (_tokens, _length, _packTokens) = (tokens, options.Shape.Context, Math.Max(options.PackTokens, options.Shape.Context));
        _count = (int)Math.Min((tokens.Count - 1) / (_length - 1), int.MaxValue);
        int held = (int)Math.Ceiling(_count * options.EvalShare);
        _learned = _count - held;
        if (_learned < 1)
        {
            throw new UserInputException(
                "data", $"data: the text has {tokens.Count:N0} tokens; {(options.EvalShare > 0 ? 2 : 1)} windows of context {_length} or more are needed, one of them held out by "
                + $"eval_share {options.EvalShare}. More text or a smaller context helps.");
        }

        _order = new(_learned, options.BatchSize, options.Seed);
    }

    public int StepsPerEpoch => _order.StepsPerEpoch;

    /// <summary>The packs of a step, from 1.</summary>
    public IReadOnlyList<Pack> Batch(int step) => Packs(_order.Step(step));

    /// <summary>Windows that are not learned from: all of them, or where there are very many, some in equal distances.</summary>
    public IReadOnlyList<Pack> HeldOut()
    {
        int held = _count - _learned, measured = Math.Min(held, MostMeasured);
        return Packs(Enumerable.Range(0, measured).Select(i => _learned + (int)((long)i * held / measured)));
    }

    private IReadOnlyList<Pack> Packs(IEnumerable<int> windows) => BatchPlan.PacksOf(windows.Select(window => (IReadOnlyList<TrainingSample>)[Window(window)]), _packTokens);

    private TrainingSample Window(int index)
    {
        int[] tokens = _tokens.Read((long)index * (_length - 1), _length);
        var weights = new double[_length];
        Array.Fill(weights, 1, 1, _length - 1);
        return new(index + 1, tokens, weights);
    }
}
