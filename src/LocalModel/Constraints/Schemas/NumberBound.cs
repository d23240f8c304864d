namespace AgentKit.Models.Constraints.Schemas;

/// <summary>An end of a range of numbers.</summary>
/// <param name="Value">The number.</param>
/// <param name="IsExclusive">The number itself is outside.</param>
internal readonly record struct NumberBound(ExactNumber Value, bool IsExclusive)
{
    /// <summary>The bound that leaves less.</summary>
    internal static NumberBound? Tighter(NumberBound? a, NumberBound? b, bool isLower)
    {
        if (a is not { } first || b is not { } second)
            return a ?? b;
        var order = first.Value.CompareTo(second.Value) * (isLower ? 1 : -1);
        return order != 0 ? (order > 0 ? a : b) : first with { IsExclusive = first.IsExclusive || second.IsExclusive };
    }

    internal bool AllowsAtLeast(ExactNumber number) => number.CompareTo(Value) is var order && (order > 0 || (order == 0 && !IsExclusive));

    internal bool AllowsAtMost(ExactNumber number) => number.CompareTo(Value) is var order && (order < 0 || (order == 0 && !IsExclusive));
}
