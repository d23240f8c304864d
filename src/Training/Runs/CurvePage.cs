using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace AgentKit.Training.Runs;

/// <summary>A run's curves as one HTML file that needs nothing else.</summary>
internal static class CurvePage
{
    private const int Width = 420, Height = 180, Left = 60, Right = 10, Top = 10, Bottom = 24;
    private const int MostPoints = 800;

    /// <summary>Writes the page of a run's <c>metrics.jsonl</c>.</summary>
    public static void Write(string metrics, string page, string title)
    {
        TrainingStep[] steps = [.. File.ReadLines(metrics).Select(line => JsonSerializer.Deserialize(line, RunsJsonContext.Default.TrainingStep)!)];
        var html = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
        html.Append(WebUtility.HtmlEncode(title)).Append("</title><style>body{font:14px sans-serif;margin:2em}figure{display:inline-block;margin:0 1.5em 1.5em 0}")
            .Append("figcaption{font-weight:bold}svg text{font:11px sans-serif;fill:#555}</style></head><body><h1>").Append(WebUtility.HtmlEncode(title)).Append("</h1>");
        foreach (var (name, points) in Series(steps))
        {
            if (points.Count > 0) html.Append("<figure><figcaption>").Append(WebUtility.HtmlEncode(name)).Append("</figcaption>").Append(Curve(points)).Append("</figure>");
        }

        AtomicFile.Write(page, stream => stream.Write(Encoding.UTF8.GetBytes(html.Append("</body></html>\n").ToString())));
    }

    private static IEnumerable<(string Name, List<(double X, double Y)> Points)> Series(TrainingStep[] steps)
    {
        yield return ("loss", Of(steps, step => step.Loss));
        yield return ("held-out loss", Of(steps, step => step.EvalLoss));
        foreach (string name in steps.SelectMany(step => step.Metrics?.Keys ?? []).Distinct().Order(StringComparer.Ordinal))
            yield return (name, Of(steps, step => step.Metrics?.TryGetValue(name, out double value) == true ? value : null));
        foreach (string name in steps.SelectMany(step => step.EvalMetrics?.Keys ?? []).Distinct().Order(StringComparer.Ordinal))
            yield return ($"held-out {name}", Of(steps, step => step.EvalMetrics?.TryGetValue(name, out double value) == true ? value : null));
        yield return ("learning rate", Of(steps, step => step.LearningRate));
        yield return ("length of the gradient", Of(steps, step => step.GradientNorm));
        yield return ("tokens per second", Of(steps, step => step.TokensPerSecond));
    }

    private static List<(double X, double Y)> Of(TrainingStep[] steps, Func<TrainingStep, double?> value)
    {
        List<(double X, double Y)> points = [];
        foreach (TrainingStep step in steps)
        {
            if (value(step) is { } y && double.IsFinite(y)) points.Add((step.Step, y));
        }

        // Neighbours are averaged where there are more points than a picture shows.
        int each = (points.Count + MostPoints - 1) / MostPoints;
        return each <= 1 ? points : [.. points.Chunk(each).Select(part => (part.Average(point => point.X), part.Average(point => point.Y)))];
    }

    private static string Curve(List<(double X, double Y)> points)
    {
        double firstX = points[0].X, lastX = Math.Max(points[^1].X, firstX + 1), least = points.Min(point => point.Y), most = points.Max(point => point.Y);
        if (most == least) (least, most) = (least - 0.5, most + 0.5);
        double X(double x) => Left + ((Width - Left - Right) * (x - firstX) / (lastX - firstX));
        double Y(double y) => Top + ((Height - Top - Bottom) * (most - y) / (most - least));
        string line = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.#},{Y(point.Y):0.#}")));
        string dot = points.Count > 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"<circle cx=\"{X(firstX):0.#}\" cy=\"{Y(points[0].Y):0.#}\" r=\"3\" fill=\"#1565c0\"/>");
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg width="{Width}" height="{Height}" role="img"><rect x="{Left}" y="{Top}" width="{Width - Left - Right}" height="{Height - Top - Bottom}" fill="none" stroke="#ccc"/>
            <text x="4" y="{Top + 10}">{most:G4}</text><text x="4" y="{Height - Bottom}">{least:G4}</text><text x="{Left}" y="{Height - 6}">{firstX:0}</text>
            <text x="{Width - Right}" y="{Height - 6}" text-anchor="end">{lastX:0}</text><polyline points="{line}" fill="none" stroke="#1565c0"/>{dot}</svg>
            """);
    }
}
