using System.Collections.Frozen;
using System.Numerics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tools.BuiltIn.Calculator;

/// <summary>The calculator's functions and constants, by lower-case name.</summary>
internal static class Functions
{
    private const int MostArguments = 100;

    /// <summary>Distance of 1 to the next double.</summary>
    private const double RoundingError = 2.220446049250313e-16;

    /// <summary>Huge angles have an error of more than a turn; what their sine is worth is for the user to judge.</summary>
    private const double LargestNoise = 1e-9;

    private static readonly FrozenDictionary<string, Function> Table = new Dictionary<string, Function>(StringComparer.OrdinalIgnoreCase)
    {
        ["abs"] = new(1, 1, a => a[0].Sign < 0 ? -a[0] : a[0]),
        ["ceil"] = new(1, 1, a => -(-a[0]).Floor()),
        ["cos"] = new(1, 1, a => Number.Approximate(WithoutNoise(Math.Cos(a[0].ToDouble()), a[0].ToDouble()))),
        ["exp"] = new(1, 1, a => Number.NonZero(Math.Exp(a[0].ToDouble()))),
        ["floor"] = new(1, 1, a => a[0].Floor()),
        ["ln"] = new(1, 1, a => Number.Approximate(Math.Log(Positive("ln", a[0])))),
        ["log"] = new(1, 2, Logarithm),
        ["max"] = new(1, MostArguments, a => a.Aggregate((x, y) => Number.Compare(x, y) >= 0 ? x : y)),
        ["min"] = new(1, MostArguments, a => a.Aggregate((x, y) => Number.Compare(x, y) <= 0 ? x : y)),
        ["round"] = new(1, 2, Round),
        ["sin"] = new(1, 1, a => Number.Approximate(WithoutNoise(Math.Sin(a[0].ToDouble()), a[0].ToDouble()))),
        ["sqrt"] = new(1, 1, SquareRoot),
        ["tan"] = new(1, 1, Tangent),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>All names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Table.Keys.Order(StringComparer.Ordinal).Concat(["pi", "e"]));

    /// <summary>The value of a constant, or <c>null</c>.</summary>
    public static Number? Constant(string name) => name.ToLowerInvariant() switch
    {
        "pi" => Number.Approximate(Math.PI),
        "e" => Number.Approximate(Math.E),
        _ => null,
    };

    public static bool Exists(string name) => Table.ContainsKey(name);

    /// <summary>Applies a function that exists.</summary>
    /// <exception cref="ToolException">Wrong number of arguments, or no real result.</exception>
    public static Number Apply(string name, IReadOnlyList<Number> arguments)
    {
        var function = Table[name];
        if (arguments.Count >= function.Least && arguments.Count <= function.Most)
            return function.Body(arguments);
        var expected = function.Least == function.Most ? $"{function.Least}" : $"{function.Least} to {function.Most}";
        var noun = function.Most == 1 ? "argument" : "arguments";
        throw new ToolException($"invalid expression: {name} takes {expected} {noun}, found {arguments.Count}");
    }

    private static Number SquareRoot(IReadOnlyList<Number> a) => a[0].Sign < 0
        ? throw new ToolException("sqrt of a negative number is not a real number")
        : Number.Approximate(Math.Sqrt(a[0].ToDouble()));

    private static Number Logarithm(IReadOnlyList<Number> a)
    {
        var value = Positive("log", a[0]);
        if (a.Count == 1)
            return Number.Approximate(Math.Log10(value));
        var logarithmOfBase = Math.Log2(Positive("log", a[1]));
        return logarithmOfBase == 0
            ? throw new ToolException("log to the base 1 is undefined")
            : Number.Approximate(Math.Log2(value) / logarithmOfBase);
    }

    private static Number Round(IReadOnlyList<Number> a)
    {
        if (a.Count == 1)
            return a[0].Round(0);
        return a[1].IsExactInteger && BigInteger.Abs(a[1].Numerator) <= 28
            ? a[0].Round((int)a[1].Numerator)
            : throw new ToolException("round takes a whole number of digits between -28 and 28");
    }

    private static Number Tangent(IReadOnlyList<Number> a)
    {
        var angle = a[0].ToDouble();
        return WithoutNoise(Math.Cos(angle), angle) == 0
            ? throw new ToolException("tan is undefined at this angle")
            : Number.Approximate(WithoutNoise(Math.Tan(angle), angle));
    }

    /// <summary>pi has no exact double: a result below the angle's own rounding error is 0, so sin(pi) is 0.</summary>
    private static double WithoutNoise(double result, double angle) =>
        Math.Abs(result) <= Math.Min(Math.Abs(angle) * RoundingError, LargestNoise) ? 0 : result;

    private static double Positive(string function, Number value) => value.Sign > 0
        ? value.ToDouble()
        : throw new ToolException($"{function} needs a positive number");

    private sealed record Function(int Least, int Most, Func<IReadOnlyList<Number>, Number> Body);
}
