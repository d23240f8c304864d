using System.Globalization;
using System.Net;
using System.Text;

namespace AgentKit.Training.Scaling;

/// <summary>Runs and fitted laws as one self-contained HTML page.</summary>
public static class ScalingPage
{
    private const int Width = 640, Height = 360, Left = 60, Bottom = 40, Points = 80;

    private static readonly string[] Colours = ["#1565c0", "#c62828", "#2e7d32"];

    /// <summary>Renders the page: loss against compute with each law's best loss, and what the laws advise.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="laws">Laws fitted to them.</param>
    /// <param name="flops">The budget.</param>
    public static string Render(IReadOnlyList<ScalingRun> runs, IReadOnlyList<ScalingLaw> laws, double flops)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(laws);
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Scaling laws</title><style>")
            .Append("body{font:15px system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}")
            .Append("td,th{padding:.3rem .8rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}svg text{font-size:12px}</style>")
            .Append(CultureInfo.InvariantCulture, $"<h1>Scaling laws from {runs.Count} runs</h1>")
            .Append(Plot(runs, laws, flops))
            .Append("<p>Points are runs, lines the lowest loss each law expects for a budget of compute; ")
            .Append(CultureInfo.InvariantCulture, $"the dashed line is the budget of {flops:0.##e0} FLOPs.</p>")
            .Append("<table><tr><th>law<th>constants<th>weights<th>tokens<th>loss<th>error</tr>");
        foreach ((ScalingLaw law, string colour) in laws.Zip(Colours))
        {
            ScalingOptimum best = law.Optimum(flops);
            string constants = string.Join(", ", law.Constants.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value:0.###e0}")));
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td style=\"color:{colour}\">{WebUtility.HtmlEncode(law.Name)}<td>{constants}<td>{best.Parameters:0.##e0}<td>{best.Tokens:0.##e0}")
                .Append(CultureInfo.InvariantCulture, $"<td>{best.Loss:0.000}<td>{100 * law.Error(runs):0.00} %</tr>");
        }

        return page.Append("</table></html>").ToString();
    }

    private static string Plot(IReadOnlyList<ScalingRun> runs, IReadOnlyList<ScalingLaw> laws, double flops)
    {
        double[] compute = [.. runs.Select(run => ScalingLaw.FlopsPerWeightAndToken * run.Parameters * run.Tokens)];
        (double from, double to) = (Math.Log10(Math.Min(compute.Min(), flops)) - 0.1, Math.Log10(Math.Max(compute.Max(), flops)) + 0.1);
        double lowest = 0.95 * Math.Min(runs.Min(run => run.Loss), laws.Min(law => law.Optimum(Math.Pow(10, to)).Loss));
        double highest = 1.05 * runs.Max(run => run.Loss);
        double X(double c) => Left + ((Width - Left) * (Math.Log10(c) - from) / (to - from));
        double Y(double loss) => (Height - Bottom) * (1 - (Math.Log(Math.Clamp(loss, lowest, highest) / lowest) / Math.Log(highest / lowest)));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"loss against compute\">")
            .Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"0\" width=\"{Width - Left}\" height=\"{Height - Bottom}\" fill=\"none\" stroke=\"#ccc\"/>")
            .Append(Text(4, 12, $"{highest:0.00}")).Append(Text(4, (Height - Bottom) / 2, $"loss")).Append(Text(4, Height - Bottom, $"{lowest:0.00}"))
            .Append(Text(Left, Height - 20, $"1e{from:0.0}")).Append(Text(Width / 2, Height - 20, $"FLOPs")).Append(Text(Width - 50, Height - 20, $"1e{to:0.0}"))
            .Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(flops):0.0}\" x2=\"{X(flops):0.0}\" y1=\"0\" y2=\"{Height - Bottom}\" stroke=\"#999\" stroke-dasharray=\"4\"/>");
        foreach ((ScalingLaw law, string colour) in laws.Zip(Colours))
        {
            IEnumerable<double> budgets = Enumerable.Range(0, Points + 1).Select(i => Math.Pow(10, from + ((to - from) * i / Points)));
            string line = string.Join(' ', budgets.Select(c => string.Create(CultureInfo.InvariantCulture, $"{X(c):0.0},{Y(law.Optimum(c).Loss):0.0}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\"><title>{WebUtility.HtmlEncode(law.Name)}</title></polyline>");
        }

        foreach ((ScalingRun run, double c) in runs.Zip(compute))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(c):0.0}\" cy=\"{Y(run.Loss):0.0}\" r=\"4\" fill=\"#555\">")
                .Append(CultureInfo.InvariantCulture, $"<title>{run.Parameters:0.##e0} weights, {run.Tokens:0.##e0} tokens, loss {run.Loss:0.000}</title></circle>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static string Text(int x, int y, FormattableString text) =>
        string.Create(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\">{FormattableString.Invariant(text)}</text>");
}
