using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// A decimal number as JSON writes it, exactly: <see cref="Mantissa"/> × 10^<see cref="Exponent"/>, without trailing zeros.
/// </summary>
internal readonly struct ExactNumber : IComparable<ExactNumber>
{
    /// <summary>The largest size of an exponent; larger ones would make exact arithmetic arbitrarily slow.</summary>
    internal const int LargestExponent = 5_000;

    private ExactNumber(BigInteger mantissa, int exponent)
    {
        while (!mantissa.IsZero && mantissa % 10 == 0)
            (mantissa, exponent) = (mantissa / 10, exponent + 1);
        (Mantissa, Exponent) = (mantissa, mantissa.IsZero ? 0 : exponent);
    }

    internal BigInteger Mantissa { get; }

    internal int Exponent { get; }

    internal bool IsInteger => Exponent >= 0;

    internal int Sign => Mantissa.Sign;

    internal static ExactNumber From(BigInteger value) => new(value, 0);

    /// <summary>Reads a JSON number; false when its exponent is beyond <see cref="LargestExponent"/>.</summary>
    internal static bool TryParse(JsonElement number, out ExactNumber value) => TryParse(number.GetRawText(), out value);

    internal static bool TryParse(ReadOnlySpan<char> text, out ExactNumber value)
    {
        value = default;
        var exponent = 0;
        var e = text.IndexOfAny('e', 'E');
        if (e >= 0 && (!int.TryParse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) ||
            Math.Abs((long)exponent) > LargestExponent))
        {
            return false;
        }

        var digits = (e >= 0 ? text[..e] : text).ToString();
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        if (digits.Length > LargestExponent)
            return false;
        if (point >= 0)
            (digits, exponent) = (digits.Remove(point, 1), exponent - (digits.Length - point - 1));
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var mantissa))
            return false;
        value = new ExactNumber(mantissa, exponent);
        return true;
    }

    /// <summary>Whether the number divided by <paramref name="unit"/> is an integer.</summary>
    internal bool IsMultipleOf(ExactNumber unit)
    {
        var (number, divisor) = Align(this, unit);
        return !divisor.IsZero && (number % divisor).IsZero;
    }

    internal ExactNumber Negate() => new(-Mantissa, Exponent);

    public int CompareTo(ExactNumber other)
    {
        if (Sign != other.Sign)
            return Sign.CompareTo(other.Sign);
        var (a, b) = Align(this, other);
        return a.CompareTo(b);
    }

    /// <summary>
    /// The plain decimal text of a number that is not negative: digits before and after the point, without leading or trailing zeros.
    /// </summary>
    internal (string Whole, string Fraction) Digits()
    {
        var digits = BigInteger.Abs(Mantissa).ToString(CultureInfo.InvariantCulture);
        if (Exponent >= 0)
            return (Mantissa.IsZero ? "0" : digits + new string('0', Exponent), string.Empty);
        digits = digits.PadLeft(1 - Exponent, '0');
        return (digits[..(digits.Length + Exponent)], digits[(digits.Length + Exponent)..]);
    }

    public override string ToString() => $"{(Sign < 0 ? "-" : string.Empty)}{Digits().Whole}{(Exponent < 0 ? "." + Digits().Fraction : string.Empty)}";

    private static (BigInteger A, BigInteger B) Align(ExactNumber a, ExactNumber b)
    {
        var exponent = Math.Min(a.Exponent, b.Exponent);
        return (a.Mantissa * BigInteger.Pow(10, a.Exponent - exponent), b.Mantissa * BigInteger.Pow(10, b.Exponent - exponent));
    }
}
