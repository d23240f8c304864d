using System.Globalization;
using System.Text;

namespace AgentKit.Eval.Report;

/// <summary>Small pictures as SVG.</summary>
internal static class Plots
{
    private const int Width = 180;
    private const int Side = 220;
    private const int Margin = 30;
    private const int Bins = 10;

    /// <summary>A value with its interval on a scale.</summary>
    public static string Interval(double value, IReadOnlyList<double> interval, double from, double to)
    {
        double At(double x) => 5 + (Width - 10) * (Math.Clamp(x, from, to) - from) / (to - from);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg class=\"interval\" width=\"{Width}\" height=\"16\" role=\"img\" aria-label=\"{value:0.000}, {interval[0]:0.000} to {interval[1]:0.000}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{At(from):0.0}\" y1=\"8\" x2=\"{At(to):0.0}\" y2=\"8\" stroke=\"#ccc\"/>");
        if (from < 0 && to > 0)
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{At(0):0.0}\" y1=\"1\" x2=\"{At(0):0.0}\" y2=\"15\" stroke=\"#999\"/>");
        svg.Append(CultureInfo.InvariantCulture,
            $"<line x1=\"{At(interval[0]):0.0}\" y1=\"8\" x2=\"{At(interval[1]):0.0}\" y2=\"8\" stroke=\"#1565c0\" stroke-width=\"3\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{At(value):0.0}\" cy=\"8\" r=\"4\" fill=\"#1565c0\"/></svg>");
        return svg.ToString();
    }

    /// <summary>How often a model is right in each tenth of sureness; the area of a point shows how many samples it stands for.</summary>
    public static string Calibration(IReadOnlyList<(double Confidence, bool Right)> samples)
    {
        double X(double share) => Margin + share * Side;
        double Y(double share) => Side + 10 - share * Side;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg class=\"calibration\" width=\"{Side + Margin + 20}\" height=\"{Side + Margin + 20}\" role=\"img\" aria-label=\"calibration curve\">");
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{X(0)}\" y=\"{Y(1)}\" width=\"{Side}\" height=\"{Side}\" fill=\"none\" stroke=\"#ccc\"/>");
        svg.Append(CultureInfo.InvariantCulture,
            $"<line x1=\"{X(0)}\" y1=\"{Y(0)}\" x2=\"{X(1)}\" y2=\"{Y(1)}\" stroke=\"#ccc\" stroke-dasharray=\"4\"/>");
        foreach (double mark in (ReadOnlySpan<double>)[0, 0.5, 1])
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{X(mark) - 6:0}\" y=\"{Y(0) + 16:0}\">{mark:0.#}</text><text x=\"4\" y=\"{Y(mark) + 4:0}\">{mark:0.#}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(0.5) - 26:0}\" y=\"{Y(0) + 30:0}\">confidence</text>");
        var bins = samples.GroupBy(sample => Math.Clamp((int)(sample.Confidence * Bins), 0, Bins - 1)).OrderBy(bin => bin.Key)
            .Select(bin => (X: bin.Average(
                sample => sample.Confidence), Y: bin.Count(sample => sample.Right) / (double)bin.Count(), Count: bin.Count())).ToArray();
        string line = string.Join(' ', bins.Select(bin => string.Create(CultureInfo.InvariantCulture, $"{X(bin.X):0.0},{Y(bin.Y):0.0}")));
        svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{line}\" fill=\"none\" stroke=\"#1565c0\"/>");
        foreach ((double x, double y, int count) in bins)
        {
            double radius = 3 + 9 * Math.Sqrt(count / (double)samples.Count);
            svg.Append(CultureInfo.InvariantCulture,
                $"<circle cx=\"{X(x):0.0}\" cy=\"{Y(y):0.0}\" r=\"{radius:0.0}\" fill=\"#1565c0\" fill-opacity=\"0.6\"><title>{count} samples</title></circle>");
        }

        return svg.Append("</svg>").ToString();
    }
}
