using System.Globalization;
using System.Numerics;

namespace AgentKit.Models.Templates.Values;

/// <summary>Numbers with Python's meaning. Integers are <see cref="long"/> where they fit and <see cref="BigInteger"/> otherwise.</summary>
internal static class PythonNumber
{
    /// <summary>Integers beyond this many bits are refused.</summary>
    private const long MaxBits = 4096;

    public static bool IsNumber(object? value) => value is long or bool or double or BigInteger;

    public static object Normalize(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    public static double ToDouble(object? value) => value switch
    {
        double number => number,
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => (double)(BigInteger)value!,
    };

    public static BigInteger ToInteger(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => (BigInteger)value!,
    };

    public static object Calculate(string op, object? left, object? right)
    {
        if (op == "/" || left is double || right is double)
            return CalculateFloat(op, ToDouble(left), ToDouble(right));
        var (a, b) = (ToInteger(left), ToInteger(right));
        if (op is "//" or "%" && b.IsZero)
            throw new TemplateException("integer division or modulo by zero");
        if (op == "**" && b.Sign < 0)
            return CalculateFloat(op, (double)a, (double)b);
        if (op == "**" && (a.GetBitLength() * b > MaxBits))
            throw new TemplateException($"integer with more than {MaxBits} bits");
        var result = op switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "//" => FloorDivide(a, b),
            "%" => a - (FloorDivide(a, b) * b),
            _ => BigInteger.Pow(a, (int)b),
        };
        return result.GetBitLength() <= MaxBits ? Normalize(result) : throw new TemplateException($"integer with more than {MaxBits} bits");
    }

    public static int Compare(object? left, object? right) =>
        left is double || right is double
            ? ToDouble(left).CompareTo(ToDouble(right))
            : ToInteger(left).CompareTo(ToInteger(right));

    /// <summary>Prints a number as Python's <c>repr</c>: shortest digits that read back, exponent outside 1e-4 … 1e16.</summary>
    public static string Format(object? value) => value switch
    {
        double number => FormatFloat(number),
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => ((BigInteger)value!).ToString(CultureInfo.InvariantCulture),
    };

    private static double CalculateFloat(string op, double a, double b)
    {
        if (op is "/" or "//" or "%" && b == 0)
            throw new TemplateException("division by zero");
        return op switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - (Math.Floor(a / b) * b),
            _ => Math.Pow(a, b),
        };
    }

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return !remainder.IsZero && (remainder.Sign < 0) != (b.Sign < 0) ? quotient - 1 : quotient;
    }

    private static string FormatFloat(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        // .NET finds the same shortest digits as Python; only their layout differs.
        var sign = double.IsNegative(value) ? "-" : "";
        var mantissa = value.ToString("R", CultureInfo.InvariantCulture).TrimStart('-');
        var exponentAt = mantissa.IndexOf('E');
        var written = exponentAt < 0
            ? 0 : int.Parse(mantissa.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        mantissa = exponentAt < 0 ? mantissa : mantissa[..exponentAt];
        var point = mantissa.IndexOf('.');
        var digits = mantissa.Replace(".", "");
        var exponent = (point < 0 ? mantissa.Length : point) - 1 + written;
        var leadingZeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        if (digits.Length == 0)
            return sign + "0.0";
        return sign + Layout(digits, exponent - leadingZeros);
    }

    private static string Layout(string digits, int exponent)
    {
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0)
            return "0." + new string('0', -exponent - 1) + digits;
        return digits.Length <= exponent + 1
            ? digits.PadRight(exponent + 1, '0') + ".0"
            : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }
}
