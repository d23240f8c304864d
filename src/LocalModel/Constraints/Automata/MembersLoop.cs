namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// A separated list in which each item is used at most once (the members of an object, the elements of a set), plus kinds of items that may
/// come again. Body 0 is the separator, then the <see cref="Names"/> items, then the <see cref="Extras"/> kinds.
/// </summary>
internal sealed class MembersLoop : Loop
{
    /// <summary>The most items that can be remembered one by one.</summary>
    internal const int MostRemembered = 128;

    /// <summary>How many items are used at most once.</summary>
    internal required int Names { get; init; }

    /// <summary>How many kinds of items may come any number of times.</summary>
    internal int Extras { get; init; }

    /// <summary>Items come in their given order, the repeatable ones last; otherwise in any order.</summary>
    internal bool Ordered { get; init; }

    /// <summary>For each item whether it must occur.</summary>
    internal bool[] Required { get; init; } = [];

    /// <summary>For each item the items that must occur when it does.</summary>
    internal int[][] Needs { get; init; } = [];

    /// <summary>Fewest items in all.</summary>
    internal int Minimum { get; init; }

    /// <summary>Most items in all; <c>null</c> for no end.</summary>
    internal int? Maximum { get; init; }

    /// <summary>In order, the last index alone tells what is missing, unless items depend on each other.</summary>
    private bool Remembers => !Ordered || Needs.Length > 0;

    private bool Counts => Minimum > 0 || Maximum is not null;

    internal override void Next(LoopValue value, List<(int Body, LoopValue Value)> steps)
    {
        if (Maximum is { } most && value.Count >= most)
            return;
        if (!value.Separated)
        {
            steps.Add((0, value with { Separated = true }));
            return;
        }

        for (var item = Ordered ? value.Mark : 0; item < Names + Extras; item++)
        {
            if (item >= Names || !IsUsed(value, item))
                steps.Add((1 + item, Take(value, item)));
            if (Ordered && item < Names && MustUse(value, item))
                break;
        }
    }

    internal override bool CanExit(LoopValue value)
    {
        if (value.Count < Minimum || (value.Separated && value != Start))
            return false;
        for (var item = 0; item < Names; item++)
        {
            if (MustUse(value, item) && !IsUsed(value, item))
                return false;
        }

        return true;
    }

    internal override int Remaining(LoopValue value, int[] costs)
    {
        var cost = 0L;
        while (!CanExit(value))
        {
            var item = value.Count >= (Maximum ?? int.MaxValue) || IsBeyondRepair(value) ? -1 : NextOnShortWay(value, costs);
            if (item < 0 || cost >= Unreachable)
                return Unreachable;
            cost += (value.Separated ? 0 : costs[0]) + costs[1 + item];
            value = Take(value, item);
        }

        return (int)Math.Min(cost, Unreachable);
    }

    /// <summary>The next item on a short way to the end, -1 when there is none: one that must occur, else the cheapest.</summary>
    private int NextOnShortWay(LoopValue value, int[] costs)
    {
        var (must, best) = (-1, -1);
        for (var item = Ordered ? value.Mark : 0; item < Names + Extras && must < 0; item++)
        {
            if (item < Names && IsUsed(value, item))
                continue;
            var usable = costs[1 + item] < Unreachable && Fits(value, item);
            if (item < Names && MustUse(value, item))
                must = usable ? item : Names + Extras;
            else if (usable && (best < 0 || (!Ordered && costs[1 + item] < costs[1 + best])))
                best = item;
        }

        if (must < 0)
            return best;
        if (must == Names + Extras)
            return -1;
        // In order, an item passed over can no longer help to reach the minimum.
        return Ordered && best >= 0 && Available(must, costs) < Minimum - value.Count ? best : must;
    }

    private int Available(int from, int[] costs)
    {
        var count = 0;
        for (var item = from; item < Names + Extras; item++)
        {
            if (costs[1 + item] < Unreachable)
                count = item < Names ? count + 1 : int.MaxValue - Names;
        }

        return count;
    }

    private bool IsBeyondRepair(LoopValue value)
    {
        for (var item = 0; Ordered && Needs.Length > 0 && item < value.Mark; item++)
        {
            if (!IsUsed(value, item) && MustUse(value, item))
                return true;
        }

        return false;
    }

    /// <summary>In order, an item whose needs were passed over can no longer be taken.</summary>
    private bool Fits(LoopValue value, int item)
    {
        if (!Ordered || Needs.Length == 0 || item >= Names)
            return true;
        foreach (var need in Needs[item])
        {
            if (need < value.Mark && !IsUsed(value, need))
                return false;
            if (need > item && !Fits(value with { Mark = item }, need))
                return false;
        }

        return true;
    }

    private LoopValue Take(LoopValue value, int item) => new(
        Counts ? Math.Min(value.Count + 1, Maximum ?? Math.Max(Minimum, 1)) : Math.Min(value.Count + 1, 1),
        Ordered ? Math.Min(item + 1, Names) : 0,
        Separated: false,
        Remembers && item < Names ? value.Seen | (UInt128.One << item) : value.Seen);

    private bool IsUsed(LoopValue value, int item) =>
        Remembers ? (value.Seen >> item & UInt128.One) != UInt128.Zero : item < value.Mark;

    private bool MustUse(LoopValue value, int item)
    {
        if (Required.Length > 0 && Required[item])
            return true;
        for (var other = 0; other < Needs.Length; other++)
        {
            if (IsUsed(value, other) && Needs[other].Contains(item))
                return true;
        }

        return false;
    }
}
