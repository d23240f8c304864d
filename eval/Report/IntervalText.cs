using System.Globalization;

namespace AgentKit.Eval.Report;

/// <summary>An interval in words.</summary>
public static class IntervalText
{
    /// <summary>Both ends; a dash where there is none.</summary>
    /// <param name="interval">Lower and upper end, or <c>null</c>.</param>
    public static string Of(IReadOnlyList<double>? interval) => interval is null ? "–" : $"{Number(interval[0])} to {Number(interval[1])}";

    private static string Number(double value) => value.ToString(Math.Abs(value) < 1e5 ? "0.0000" : "0.000e+0", CultureInfo.InvariantCulture);
}
