using System.Numerics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tools.BuiltIn.Calculator;

/// <summary>
/// A value of the calculator: an exact fraction as long as the operations allow it, otherwise a double.
/// So 0.1 + 0.2 is 0.3 and 1 / 3 * 3 is 1, while sqrt and sin have the 15 digits a double has.
/// </summary>
internal readonly struct Number
{
    /// <summary>Fractions with longer numerators or denominators, in bits, become doubles: work per operation stays bounded.</summary>
    private const int LongestExact = 4096;

    private readonly BigInteger _denominator;
    private readonly double _approximate;

    private Number(BigInteger numerator, BigInteger denominator, double approximate)
    {
        Numerator = numerator;
        _denominator = denominator;
        _approximate = approximate;
    }

    /// <summary>Whether the value is a fraction.</summary>
    public bool IsExact => !_denominator.IsZero;

    /// <summary>The fraction's numerator, which carries the sign.</summary>
    public BigInteger Numerator { get; }

    /// <summary>The fraction's denominator, positive.</summary>
    public BigInteger Denominator => _denominator;

    /// <summary>Whether the value is a fraction without fractional part.</summary>
    public bool IsExactInteger => _denominator.IsOne;

    public bool IsZero => IsExact ? Numerator.IsZero : _approximate == 0;

    public int Sign => IsExact ? Numerator.Sign : Math.Sign(_approximate);

    /// <summary>A fraction in lowest terms, or the nearest double when the terms are too long.</summary>
    /// <exception cref="ToolException">The value fits neither form.</exception>
    public static Number Fraction(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new ToolException("division by zero");
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        numerator /= divisor;
        denominator /= divisor;
        return Math.Max(BigInteger.Abs(numerator).GetBitLength(), denominator.GetBitLength()) <= LongestExact
            ? new Number(numerator, denominator, 0)
            : Approximate(Quotient(numerator, denominator));
    }

    /// <summary>A double, refused unless finite.</summary>
    /// <exception cref="ToolException">The value is infinite or not a number.</exception>
    public static Number Approximate(double value)
    {
        if (double.IsNaN(value))
            throw new ToolException("the result is not a real number");
        if (double.IsInfinity(value))
            throw new ToolException("the result is too large");
        return new Number(BigInteger.Zero, BigInteger.Zero, value);
    }

    /// <summary>A double that is mathematically not zero, refused when it is too small to be told from zero.</summary>
    /// <exception cref="ToolException">The value is zero, infinite or not a number.</exception>
    public static Number NonZero(double value) => value == 0 ? throw new ToolException("the result is too small") : Approximate(value);

    public static implicit operator Number(int value) => new(value, BigInteger.One, 0);

    public double ToDouble() => IsExact ? Quotient(Numerator, Denominator) : _approximate;

    public static Number operator +(Number a, Number b) => a.IsExact && b.IsExact
        ? Fraction(a.Numerator * b.Denominator + b.Numerator * a.Denominator, a.Denominator * b.Denominator)
        : Approximate(a.ToDouble() + b.ToDouble());

    public static Number operator -(Number value) =>
        value.IsExact ? new Number(-value.Numerator, value.Denominator, 0) : Approximate(-value._approximate);

    public static Number operator -(Number a, Number b) => a + -b;

    public static Number operator *(Number a, Number b) => a.IsExact && b.IsExact
        ? Fraction(a.Numerator * b.Numerator, a.Denominator * b.Denominator)
        : a.IsZero || b.IsZero ? 0 : NonZero(a.ToDouble() * b.ToDouble());

    public static Number operator /(Number a, Number b)
    {
        if (b.IsZero)
            throw new ToolException("division by zero");
        return a.IsExact && b.IsExact
            ? Fraction(a.Numerator * b.Denominator, a.Denominator * b.Numerator)
            : a.IsZero ? 0 : NonZero(a.ToDouble() / b.ToDouble());
    }

    /// <summary>Remainder with the sign of the left side: -7 % 3 is -1.</summary>
    public static Number operator %(Number a, Number b)
    {
        if (b.IsZero)
            throw new ToolException("division by zero");
        return a.IsExact && b.IsExact
            ? Fraction(
                BigInteger.Remainder(a.Numerator * b.Denominator, b.Numerator * a.Denominator),
                a.Denominator * b.Denominator)
            : Approximate(a.ToDouble() % b.ToDouble());
    }

    /// <summary>Negative, zero or positive as <paramref name="a"/> is less than, equal to or more than <paramref name="b"/>.</summary>
    public static int Compare(Number a, Number b) => a.IsExact && b.IsExact
        ? (a.Numerator * b.Denominator).CompareTo(b.Numerator * a.Denominator)
        : a.ToDouble().CompareTo(b.ToDouble());

    /// <summary><paramref name="value"/> to the power of <paramref name="exponent"/>; 0 to the power of 0 is 1.</summary>
    /// <exception cref="ToolException">There is no real result, or it is too large.</exception>
    public static Number Power(Number value, Number exponent)
    {
        if (value.IsZero && exponent.Sign < 0)
            throw new ToolException("division by zero");
        if (value.IsExact && exponent.IsExactInteger && BigInteger.Abs(exponent.Numerator) <= LongestExact)
        {
            var times = (int)BigInteger.Abs(exponent.Numerator);
            var bits = Math.Max(BigInteger.Abs(value.Numerator).GetBitLength(), value.Denominator.GetBitLength());
            if (bits * times <= LongestExact)
            {
                var (top, bottom) = (BigInteger.Pow(value.Numerator, times), BigInteger.Pow(value.Denominator, times));
                return exponent.Sign < 0 ? Fraction(bottom, top) : Fraction(top, bottom);
            }
        }
        var result = Math.Pow(value.ToDouble(), exponent.ToDouble());
        return value.IsZero ? Approximate(result) : NonZero(result);
    }

    /// <summary>The largest integer that is not more than the value.</summary>
    public Number Floor()
    {
        if (!IsExact)
            return Approximate(Math.Floor(_approximate));
        var quotient = BigInteger.DivRem(Numerator, Denominator, out var remainder);
        return Fraction(remainder.Sign < 0 ? quotient - 1 : quotient, BigInteger.One);
    }

    /// <summary>The nearest multiple of 10^-<paramref name="digits"/>; halves go away from zero.</summary>
    public Number Round(int digits)
    {
        // A double this large has no fractional digits.
        if (!IsExact && digits >= 0 && Math.Abs(_approximate) >= 1L << 53)
            return this;
        var scale = Power(10, digits);
        var scaled = this * scale;
        var magnitude = (scaled.Sign < 0 ? -scaled : scaled) + Fraction(BigInteger.One, 2);
        var rounded = magnitude.Floor() / scale;
        return Sign < 0 ? -rounded : rounded;
    }

    /// <summary>The nearest double of a fraction whose terms may exceed the range of a double.</summary>
    private static double Quotient(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero)
            return 0;
        // 64 more bits than the denominator has leave a quotient with all the digits a double can hold.
        var shift = (int)(denominator.GetBitLength() - BigInteger.Abs(numerator).GetBitLength()) + 64;
        var quotient = shift >= 0 ? (numerator << shift) / denominator : numerator / (denominator << -shift);
        return NonZero(Math.ScaleB((double)quotient, -shift))._approximate;
    }
}
