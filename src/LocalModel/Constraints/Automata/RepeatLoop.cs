namespace AgentKit.Models.Constraints.Automata;

/// <summary>One body, <paramref name="minimum"/> to <paramref name="maximum"/> times (<c>null</c>: without end).</summary>
internal sealed class RepeatLoop(int minimum, int? maximum) : Loop
{
    internal int Minimum => minimum;

    internal int? Maximum => maximum;

    internal override void Next(LoopValue value, List<(int Body, LoopValue Value)> steps)
    {
        // Without an upper end, all counts from the minimum on are alike.
        if (value.Count < (maximum ?? int.MaxValue))
            steps.Add((0, new LoopValue(maximum is null ? Math.Min(value.Count + 1, minimum) : value.Count + 1)));
    }

    internal override LoopValue Start => new(0);

    internal override bool CanExit(LoopValue value) => value.Count >= minimum;

    internal override int Remaining(LoopValue value, int[] costs) =>
        (int)Math.Min((long)Math.Max(0, minimum - value.Count) * costs[0], Unreachable);

    internal override LoopValue Saturate(LoopValue value, int bytes)
    {
        // Every iteration takes a byte at least, so a bound further away than that is not felt.
        if (value.Count >= minimum)
            return maximum is { } end && end - value.Count <= bytes ? value : value with { Count = minimum };
        return minimum - value.Count > bytes ? value with { Count = Math.Min(value.Count, 1) } : value;
    }
}
