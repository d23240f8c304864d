namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// A separated list whose first items have bodies of their own. Body 0 is the separator, bodies 1 to prefix+1 are the items (the last one
/// serves all further items); when <paramref name="marked"/> bodies follow in the same order, they are the same items that also satisfy a
/// second condition, of which at least <paramref name="minimumMarked"/> must be taken.
/// </summary>
internal sealed class ItemsLoop(int prefix, bool marked, int minimum, int? maximum, int minimumMarked) : Loop
{
    private int Bodies => prefix + 1;

    internal override void Next(LoopValue value, List<(int Body, LoopValue Value)> steps)
    {
        if (value.Count >= (maximum ?? int.MaxValue))
            return;
        if (!value.Separated)
        {
            steps.Add((0, value with { Separated = true }));
            return;
        }

        var body = 1 + Math.Min(value.Count, prefix);
        var next = new LoopValue(Math.Min(value.Count + 1, CountLimit), value.Mark);
        steps.Add((body, next));
        if (marked && value.Mark < minimumMarked)
            steps.Add((body + Bodies, next with { Mark = value.Mark + 1 }));
    }

    internal override bool CanExit(LoopValue value) =>
        value.Count >= minimum && value.Mark >= minimumMarked && (!value.Separated || value.Count == 0);

    internal override int Remaining(LoopValue value, int[] costs)
    {
        var (count, mark, cost) = (value.Count, value.Mark, value.Separated && value.Count > 0 ? -(long)costs[0] : 0L);
        var mustFollow = value.Separated && value.Count > 0;
        // A marked item as soon as one can be had; beyond the prefix all items are alike.
        for (; count < prefix && (mustFollow || count < minimum || mark < minimumMarked); count++, mustFollow = false)
        {
            var isMarked = marked && mark < minimumMarked && costs[1 + count + Bodies] < Unreachable;
            cost += Separator(count, costs) + costs[1 + count + (isMarked ? Bodies : 0)];
            mark += isMarked ? 1 : 0;
        }

        long wanted = Math.Max(0, minimumMarked - mark);
        var items = Math.Max(wanted, Math.Max(minimum - count, mustFollow ? 1 : 0));
        if (items > 0)
            cost += ((items - (count == 0 ? 1 : 0)) * costs[0]) + ((items - wanted) * costs[1 + prefix]);
        if (wanted > 0)
            cost += wanted * costs[1 + prefix + Bodies];
        return count + items > (maximum ?? int.MaxValue) ? Unreachable : (int)Math.Min(cost, Unreachable);
    }

    private static int Separator(int count, int[] costs) => count > 0 ? costs[0] : 0;

    internal override LoopValue Saturate(LoopValue value, int bytes) =>
        maximum is { } end && value.Count >= Math.Max(prefix, minimum) && end - value.Count > bytes
            ? value with { Count = Math.Max(prefix, minimum) }
            : value;

    /// <summary>Without an upper end, counts beyond the last one that is asked about are alike.</summary>
    private int CountLimit => maximum is null ? Math.Max(prefix, Math.Max(minimum, 1)) : int.MaxValue;
}
