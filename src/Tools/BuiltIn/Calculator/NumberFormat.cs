using System.Globalization;
using System.Numerics;
using System.Text;

namespace AgentKit.Tools.BuiltIn.Calculator;

/// <summary>
/// Writes a number as a person would: <c>865</c>, <c>0.3</c>, <c>20.7346938775510</c>. A fraction that can be written in 28 digits, and an
/// integer in 40, is written exactly; everything else is rounded to 15 significant digits. Powers of ten appear only for sizes beyond
/// <c>1e21</c> and below <c>1e-10</c>.
/// </summary>
internal static class NumberFormat
{
    private const int RoundedDigits = 15;
    private const int LongestExactFraction = 28;
    private const int LongestExactInteger = 40;

    public static string Format(Number number)
    {
        if (number.IsZero)
            return "0";
        if (!number.IsExact)
            return FormatDouble(number.ToDouble());
        if (number.IsExactInteger && BigInteger.Abs(number.Numerator).ToString(CultureInfo.InvariantCulture) is { } text
            && text.Length <= LongestExactInteger)
            return number.Sign < 0 ? "-" + text : text;
        var (digits, exponent) = Digits(BigInteger.Abs(number.Numerator), number.Denominator);
        return Lay(number.Sign < 0, digits, exponent);
    }

    private static string FormatDouble(double value)
    {
        var text = Math.Abs(value).ToString($"E{RoundedDigits - 1}", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E');
        return Lay(value < 0, text[..mark].Replace(".", ""), int.Parse(text.AsSpan(mark + 1), CultureInfo.InvariantCulture));
    }

    /// <summary>Decimal digits of a positive fraction and the power of ten of the first one.</summary>
    private static (string Digits, int Exponent) Digits(BigInteger numerator, BigInteger denominator)
    {
        var exact = Scaled(numerator, denominator, LongestExactFraction, out var exponent, out var isWhole);
        if (isWhole)
            return (exact, exponent);
        // An integer part is never rounded away as long as it has the digits of an exact fraction.
        var count = Math.Clamp(exponent + 1, RoundedDigits, LongestExactFraction);
        var rounded = Scaled(numerator, denominator, count, out exponent, out _);
        return (rounded, exponent);
    }

    /// <summary>The first <paramref name="count"/> digits, the last rounded; <paramref name="isWhole"/> when nothing is left.</summary>
    private static string Scaled(BigInteger numerator, BigInteger denominator, int count, out int exponent, out bool isWhole)
    {
        exponent = (int)Math.Floor(BigInteger.Log10(numerator) - BigInteger.Log10(denominator));
        var shift = count - 1 - exponent;
        var top = shift >= 0 ? numerator * BigInteger.Pow(10, shift) : numerator;
        var bottom = shift >= 0 ? denominator : denominator * BigInteger.Pow(10, -shift);
        var quotient = BigInteger.DivRem(top, bottom, out var remainder);
        isWhole = remainder.IsZero;
        if (remainder * 2 >= bottom)
            quotient++;
        var digits = quotient.ToString(CultureInfo.InvariantCulture);
        // The logarithm may be off by one at powers of ten; the number of digits tells.
        exponent += digits.Length - count;
        return digits;
    }

    private static string Lay(bool negative, string digits, int exponent)
    {
        digits = digits.TrimEnd('0');
        var text = new StringBuilder(negative ? "-" : "");
        if (exponent is >= 21 or < -10)
        {
            text.Append(digits[0]);
            if (digits.Length > 1)
                text.Append('.').Append(digits, 1, digits.Length - 1);
            return text.Append('e').Append(exponent.ToString(CultureInfo.InvariantCulture)).ToString();
        }
        if (exponent < 0)
            return text.Append("0.").Append('0', -exponent - 1).Append(digits).ToString();
        if (digits.Length <= exponent + 1)
            return text.Append(digits).Append('0', exponent + 1 - digits.Length).ToString();
        return text.Append(digits, 0, exponent + 1).Append('.').Append(digits, exponent + 1, digits.Length - exponent - 1).ToString();
    }
}
