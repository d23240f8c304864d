using System.Numerics;

namespace AgentKit.Models.Engine;

/// <summary>
/// Finds the number of threads that is fastest right now. ggml's threads spin at barriers: with one thread more than there are free cores a
/// step takes many times as long, and which cores are free changes with whatever else the machine does. So the steps themselves are the
/// measurement: most use the count that has been fastest, and now and then one tries a neighbour.
/// </summary>
internal sealed class ThreadGovernor
{
    private const double Smoothing = 0.25;
    private const int FirstTrial = 1;
    private const int RarestTrial = 256;

    /// <summary>A trial that was slower by a factor is repeated after this many times as many steps: trials cost a tenth of the time at most.</summary>
    private const int StepsPerLostStep = 10;
    private const int RarestCostlyTrial = 4096;

    /// <summary>A step this many times slower than usual means that a core has been taken: a trial is due at once.</summary>
    private const double Disturbed = 3;

    private readonly int[] _counts;
    private readonly Dictionary<int, Choice> _choices = [];

    /// <param name="most">The largest number of threads to use.</param>
    public ThreadGovernor(int most) =>
        _counts = [.. Enumerable.Range(0, 16).Select(shift => most >> shift).TakeWhile(count => count > 0)];

    /// <summary>Threads for the next step.</summary>
    /// <param name="batchTokens">Tokens of the step; steps of similar size are compared with each other.</param>
    public int Choose(int batchTokens) => _counts[ChoiceFor(batchTokens).Next()];

    /// <summary>Tells how long the step took that was last chosen for.</summary>
    public void Record(int batchTokens, TimeSpan elapsed) => ChoiceFor(batchTokens).Record(elapsed.TotalSeconds / batchTokens);

    private Choice ChoiceFor(int batchTokens)
    {
        int size = BitOperations.Log2((uint)batchTokens);
        if (!_choices.TryGetValue(size, out Choice? choice))
        {
            _choices[size] = choice = new(_counts.Length);
        }

        return choice;
    }

    /// <summary>What is known for one size of step.</summary>
    private sealed class Choice(int candidates)
    {
        private readonly double[] _secondsPerToken = [.. Enumerable.Repeat(double.NaN, candidates)];
        private int _best;
        private int _current;
        private int _untilTrial = FirstTrial;
        private int _trialGap = FirstTrial;
        private bool _tryFewer = true;

        public int Next()
        {
            _current = _best;
            if (candidates > 1 && _untilTrial-- <= 0)
            {
                bool fewer = (_tryFewer && _best + 1 < candidates) || _best == 0;
                _current = fewer ? _best + 1 : _best - 1;
                _tryFewer = !fewer;
                _untilTrial = _trialGap;
                _trialGap = Math.Min(_trialGap * 2, RarestTrial);
            }

            return _current;
        }

        public void Record(double secondsPerToken)
        {
            ref double known = ref _secondsPerToken[_current];
            if (secondsPerToken > Disturbed * known && _current == _best)
            {
                (_untilTrial, _trialGap, _tryFewer) = (0, FirstTrial, true);
            }

            if (_current != _best)
            {
                _untilTrial = (int)Math.Clamp(StepsPerLostStep * secondsPerToken / _secondsPerToken[_best], _untilTrial, RarestCostlyTrial);
            }

            // What a trial finds replaces what was known before: that may be from busier or quieter times.
            known = double.IsNaN(known) || _current != _best ? secondsPerToken : known + (Smoothing * (secondsPerToken - known));
            for (int i = 0; i < candidates; i++)
            {
                _best = _secondsPerToken[i] < _secondsPerToken[_best] ? i : _best;
            }
        }
    }
}
