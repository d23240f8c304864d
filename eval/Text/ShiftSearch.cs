namespace AgentKit.Eval.Text;

/// <summary>
/// Edits that turn a hypothesis into a reference where moving a block of words is one edit: tercom's greedy search (Snover et al. 2006,
/// section 2) with the limits and the order of preference that sacreBLEU has.
/// </summary>
internal sealed class ShiftSearch
{
    private const int MaxBlock = 10;
    private const int MaxDistance = 50;
    private const int MaxCandidates = 1000;

    private readonly int[] _reference;
    private readonly BeamEditDistance _distance;
    private readonly int[] _alignment;
    private readonly bool[] _referenceErrors;
    private readonly bool[] _hypothesisErrors;
    private int[] _words;
    private int _candidates;

    private ShiftSearch(int[] hypothesis, int[] reference)
    {
        _words = hypothesis;
        _reference = reference;
        _distance = new(reference, hypothesis.Length);
        _alignment = new int[reference.Length];
        _referenceErrors = new bool[reference.Length];
        _hypothesisErrors = new bool[hypothesis.Length];
    }

    /// <summary>Number of edits.</summary>
    public static int Edits(int[] hypothesis, int[] reference)
    {
        if (reference.Length == 0) return hypothesis.Length;
        var search = new ShiftSearch(hypothesis, reference);
        int shifts = 0;
        while (search.BestShift() is { Gain: > 0 } best && search._candidates < MaxCandidates)
        {
            shifts++;
            search._words = best.Words;
        }

        return shifts + search._distance.Set(search._words).Distance;
    }

    private Shift? BestShift()
    {
        (int before, List<EditOperation> operations) = _distance.Set(_words);
        Align(operations);
        Shift? best = null;
        foreach ((int start, int target, int length) in Blocks())
        {
            // Only a block that is wrong where it is, towards a place that is wrong too, and not into itself.
            if (!_hypothesisErrors.AsSpan(start, length).Contains(true) || !_referenceErrors.AsSpan(target, length).Contains(true))
                continue;
            if (_alignment[target] >= start && _alignment[target] < start + length) continue;
            Try(start, target, length, before, ref best);
            if (_candidates >= MaxCandidates) break;
        }

        return best;
    }

    private void Try(int start, int target, int length, int before, ref Shift? best)
    {
        int tried = -1;
        for (int offset = -1; offset < length; offset++)
        {
            int at = target + offset < 0 ? 0 : _alignment[target + offset] + 1;
            if (at == tried) continue;
            tried = at;
            int[] words = Move(start, length, at);
            var shift = new Shift(before - _distance.Distance(words), length, start, at, words);
            _candidates++;
            if (best is null || shift.IsBetterThan(best)) best = shift;
        }
    }

    /// <summary>Where each word of the reference stands in the hypothesis, and which words on either side are wrong.</summary>
    private void Align(List<EditOperation> operations)
    {
        (int hypothesis, int reference) = (-1, -1);
        foreach (EditOperation operation in operations)
        {
            bool wrong = operation != EditOperation.Keep;
            if (operation != EditOperation.Insert) _hypothesisErrors[++hypothesis] = wrong;
            if (operation == EditOperation.Delete) continue;
            _referenceErrors[++reference] = wrong;
            _alignment[reference] = hypothesis;
        }
    }

    /// <summary>Blocks of words that both sides have, not too far apart.</summary>
    private IEnumerable<(int Start, int Target, int Length)> Blocks()
    {
        for (int start = 0; start < _words.Length; start++)
        {
            int last = Math.Min(_reference.Length - 1, start + MaxDistance);
            for (int target = Math.Max(0, start - MaxDistance); target <= last; target++)
            {
                int most = Math.Min(MaxBlock, Math.Min(_words.Length - start, _reference.Length - target));
                for (int length = 0; length < most && _words[start + length] == _reference[target + length]; length++)
                    yield return (start, target, length + 1);
            }
        }
    }

    private int[] Move(int start, int length, int at)
    {
        ReadOnlySpan<int> words = _words;
        ReadOnlySpan<int> block = words.Slice(start, length);
        int end = start + length;
        if (at < start) return [.. words[..at], .. block, .. words[at..start], .. words[end..]];
        if (at > end) return [.. words[..start], .. words[end..at], .. block, .. words[at..]];
        // A place inside of the block means: behind as many words after the block.
        int behind = Math.Min(length + at, words.Length);
        return [.. words[..start], .. words[end..behind], .. block, .. words[behind..]];
    }

    private sealed record Shift(int Gain, int Length, int Start, int At, int[] Words)
    {
        public bool IsBetterThan(Shift other) =>
            (Gain, Length, -Start, -At).CompareTo((other.Gain, other.Length, -other.Start, -other.At)) > 0;
    }
}
