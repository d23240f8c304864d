using System.Numerics;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// The decimal texts (without exponent) of the numbers that fit bounds, a multiple, and exclusions, exactly: an automaton that compares the
/// digits with those of each bound as they come, and keeps the remainder of the division.
/// </summary>
internal sealed class NumberLanguage
{
    private const int LargestDivisor = 5_000;
    private const int MostCounted = 1_000;

    private readonly NumberBound? lower;
    private readonly NumberBound? upper;
    private readonly List<(ExactNumber Value, string Whole, string Fraction)> marks = [];
    private readonly int excludedFrom;
    private readonly JsonTypes types;
    private readonly int divisor = 1;
    private readonly int scale;
    private readonly int longestMark;
    private readonly int wholeDigits;
    private readonly int fractionDigits;

    private NumberLanguage(
        JsonTypes types, NumberBound? lower, NumberBound? upper, ExactNumber? unit, IReadOnlyList<ExactNumber> excluded, int maxDigits)
    {
        (this.types, this.lower, this.upper) = (types, lower, upper);
        foreach (var bound in new[] { lower, upper })
            Mark(bound?.Value ?? default);
        excludedFrom = marks.Count;
        foreach (var value in excluded)
            Mark(value);
        (divisor, scale) = unit is { } u ? Divide(u) : (1, 0);
        longestMark = marks.Max(m => m.Whole.Length);
        // Remainders times digits would be too many states: then digits are told apart only as far as the comparison needs.
        wholeDigits = (long)divisor * maxDigits > MostCounted ? int.MaxValue : Math.Max(maxDigits, longestMark);
        fractionDigits = unit is not null ? scale : Math.Max(maxDigits, marks.Max(m => m.Fraction.Length));
        if (types == JsonTypes.Integer)
            fractionDigits = 0;
    }

    private enum Phase
    {
        Begin, Minus, Zero, Whole, Point, Fraction,
    }

    /// <summary>Whether remainders by this number are few enough to be states.</summary>
    internal static bool CanDivideBy(ExactNumber unit) =>
        unit.Exponent is > -20 and < 6 && unit.Mantissa * BigInteger.Pow(10, Math.Max(unit.Exponent, 0)) <= LargestDivisor;

    /// <summary>
    /// The automaton of the numbers of <paramref name="types"/> within the bounds that are multiples of <paramref name="unit"/> and not
    /// excluded.
    /// </summary>
    internal static Dfa Build(
        JsonTypes types, NumberBound? lower, NumberBound? upper, ExactNumber? unit, IReadOnlyList<ExactNumber> excluded, int maxDigits)
    {
        var language = new NumberLanguage(types, lower, upper, unit, excluded, maxDigits);
        var start = new State(Phase.Begin, false, 0, 0, 0, false, new string('=', language.marks.Count));
        return Dfa.Explore(start, language.Edges, language.Accepts);
    }

    private static (int Divisor, int Scale) Divide(ExactNumber unit) =>
        ((int)(unit.Mantissa * BigInteger.Pow(10, Math.Max(unit.Exponent, 0))), Math.Max(-unit.Exponent, 0));

    private void Mark(ExactNumber value)
    {
        var (whole, fraction) = value.Digits();
        marks.Add((value, whole, fraction));
    }

    private IEnumerable<(CharSet Set, State Target)> Edges(State state)
    {
        var targets = Enumerable.Range('0', 10).Select(c => (Character: c, Target: AfterDigit(state, c - '0'))).ToList();
        if (state.Phase == Phase.Begin)
            targets.Add(('-', state with { Phase = Phase.Minus, IsNegative = true }));
        if (state.Phase is Phase.Zero or Phase.Whole && fractionDigits > 0)
            targets.Add(('.', state with { Phase = Phase.Point, Orders = WholeOrders(state), Whole = 0 }));
        return targets.Where(t => t.Target is not null)
            .GroupBy(t => t.Target!.Value)
            .Select(g => (CharSet.Of(g.Select(t => (t.Character, t.Character))), g.Key));
    }

    private State? AfterDigit(State state, int digit)
    {
        var remainder = (int)(((long)state.Remainder * 10 + digit) % divisor);
        switch (state.Phase)
        {
            case Phase.Begin or Phase.Minus when digit == 0:
                var isMinusZero = types == JsonTypes.Integer && state.IsNegative;
                return isMinusZero ? null : state with { Phase = Phase.Zero, Whole = 1, Orders = Compare(state, digit) };
            case Phase.Begin or Phase.Minus or Phase.Whole when state.Whole < wholeDigits:
                return state with { Phase = Phase.Whole, Whole = AfterWhole(state.Whole), Remainder = remainder, Orders = Compare(state, digit) };
            case Phase.Point or Phase.Fraction when state.Fraction < fractionDigits:
                return state with
                {
                    Phase = Phase.Fraction,
                    Fraction = state.Fraction + 1,
                    Remainder = remainder,
                    HasFraction = state.HasFraction || (digit > 0 && types == JsonTypes.Fraction),
                    Orders = Compare(state, digit),
                };
            default:
                return null;
        }
    }

    private int AfterWhole(int count) => wholeDigits == int.MaxValue ? Math.Min(count + 1, longestMark + 1) : count + 1;

    /// <summary>Compares a further digit with the digit of each mark at the same place; the first difference decides.</summary>
    private string Compare(State state, int digit) => string.Create(marks.Count, (marks, state, digit), static (orders, context) =>
    {
        var (marks, state, digit) = context;
        var isFraction = state.Phase is Phase.Point or Phase.Fraction;
        var place = isFraction ? state.Fraction : state.Whole;
        for (var m = 0; m < orders.Length; m++)
        {
            var digits = isFraction ? marks[m].Fraction : marks[m].Whole;
            var other = place < digits.Length ? digits[place] - '0' : 0;
            // More digits before the point make the larger number, whatever the digits.
            orders[m] = !isFraction && place >= digits.Length ? '>'
                : state.Orders[m] != '=' ? state.Orders[m]
                : digit < other ? '<' : digit > other ? '>' : '=';
        }
    });

    /// <summary>The orders once the number of digits before the point is known.</summary>
    private string WholeOrders(State state)
    {
        var orders = state.Orders.ToCharArray();
        for (var m = 0; m < orders.Length; m++)
        {
            var length = marks[m].Whole.Length;
            orders[m] = state.Whole < length ? '<' : orders[m];
        }

        return new string(orders);
    }

    private bool Accepts(State state)
    {
        if (state.Phase is Phase.Begin or Phase.Minus or Phase.Point || (types == JsonTypes.Fraction && !state.HasFraction))
            return false;
        var rest = BigInteger.Pow(10, scale - Math.Min(state.Fraction, scale));
        if (!(state.Remainder * rest % divisor).IsZero)
            return false;
        var orders = state.Phase == Phase.Fraction ? state.Orders : WholeOrders(state);
        var isAbove = lower is null || Order(0) is var low && (low > 0 || (low == 0 && !lower.Value.IsExclusive));
        var isBelow = upper is null || Order(1) is var high && (high < 0 || (high == 0 && !upper.Value.IsExclusive));
        return isAbove && isBelow && Enumerable.Range(excludedFrom, marks.Count - excludedFrom).All(m => Order(m) != 0);

        int Order(int mark)
        {
            var (value, _, fraction) = marks[mark];
            // Digits of the mark that were not reached make it the larger one.
            var size = orders[mark] switch { '<' => -1, '>' => 1, _ => state.Fraction < fraction.Length ? -1 : 0 };
            if (state.IsNegative)
                return value.Sign > 0 ? -1 : -size;
            return value.Sign < 0 ? 1 : size;
        }
    }

    private readonly record struct State(Phase Phase, bool IsNegative, int Whole, int Fraction, int Remainder, bool HasFraction, string Orders);
}
