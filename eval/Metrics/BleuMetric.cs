using System.Globalization;
using AgentKit.Eval.Text;

namespace AgentKit.Eval.Metrics;

/// <summary>
/// BLEU (Papineni et al. 2002, section 2.3), 0 to 100, equal to sacreBLEU 2.6.0: clipped n-gram precision with a penalty for brevity
/// against the reference nearest in length.
/// </summary>
/// <param name="options">How it counts.</param>
public sealed class BleuMetric(BleuOptions? options = null) : TextMetric
{
    private const int HypothesisLength = 0;
    private const int ReferenceLength = 1;
    private const int FirstCount = 2;

    private readonly BleuOptions _options = options ?? new();

    /// <inheritdoc/>
    public override string Name => "BLEU";

    /// <summary>Words of the hypothesis, words of the nearest reference, matches for each n, n-grams for each n.</summary>
    /// <inheritdoc/>
    public override double[] Statistics(string hypothesis, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        int[][] texts = WordSymbols.Of([Spaced(hypothesis), .. references.Select(Spaced)]);
        int orders = _options.MaxOrder;
        double[] statistics = new double[FirstCount + 2 * orders];
        int length = texts[0].Length;
        statistics[HypothesisLength] = length;
        statistics[ReferenceLength] = NearestLength(texts);
        int[] others = [.. Enumerable.Range(1, references.Count)];
        var overlap = new NGramOverlap(texts);
        for (int n = 0; n < orders; n++)
        {
            if (n > 0) overlap.Next();
            statistics[FirstCount + n] = overlap.Matches(0, others);
            statistics[FirstCount + orders + n] = overlap.Total(0);
        }

        return statistics;
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> statistics)
    {
        (double[] precisions, int order) = Precisions(statistics);
        if (order == 0) return 0;
        double logs = 0;
        foreach (double precision in precisions.AsSpan(0, order)) logs += Log(precision);
        return BrevityPenalty(statistics) * Math.Exp(logs / order);
    }

    /// <inheritdoc/>
    public override string Explain(ReadOnlySpan<double> statistics)
    {
        (double[] precisions, _) = Precisions(statistics);
        double references = statistics[ReferenceLength];
        double ratio = references > 0 ? statistics[HypothesisLength] / references : 0;
        string shown = string.Join(
            '/', precisions.Select(precision => Math.Round(precision, 1).ToString("0.0", CultureInfo.InvariantCulture)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{shown} (BP = {BrevityPenalty(statistics):0.000} ratio = {ratio:0.000} hyp_len = {statistics[HypothesisLength]} ref_len = {references})");
    }

    /// <inheritdoc/>
    public override string Signature(string references)
    {
        string tokenizer = _options.Tokenizer switch
        {
            BleuTokenizer.None => "none",
            BleuTokenizer.International => "intl",
            BleuTokenizer.Character => "char",
            BleuTokenizer.Chinese => "zh",
            _ => "13a",
        };
        string smoothing = _options.Smoothing switch
        {
            BleuSmoothing.None => "none",
            BleuSmoothing.Floor => $"floor[{SmoothingValue.ToString("0.00", CultureInfo.InvariantCulture)}]",
            BleuSmoothing.AddK => $"add-k[{SmoothingValue.ToString("0.00", CultureInfo.InvariantCulture)}]",
            _ => "exp",
        };
        return $"nrefs:{references}|case:{(_options.Lowercase ? "lc" : "mixed")}|eff:{(_options.EffectiveOrder ? "yes" : "no")}|tok:{tokenizer}"
            + $"|smooth:{smoothing}|{SacreBleu.Version}";
    }

    // Of two equally near the shorter one.
    private static int NearestLength(int[][] texts)
    {
        int nearest = texts[1].Length, length = texts[0].Length;
        foreach (int[] reference in texts.AsSpan(2))
        {
            (int old, int found) = (Math.Abs(nearest - length), Math.Abs(reference.Length - length));
            if (found < old || (found == old && reference.Length < nearest)) nearest = reference.Length;
        }

        return nearest;
    }

    /// <summary>Precisions in percent, and of how many the mean is taken; 0 when nothing matches at all.</summary>
    private (double[] Precisions, int Order) Precisions(ReadOnlySpan<double> statistics)
    {
        int orders = _options.MaxOrder;
        ReadOnlySpan<double> matches = statistics.Slice(FirstCount, orders);
        ReadOnlySpan<double> totals = statistics.Slice(FirstCount + orders, orders);
        double[] precisions = new double[orders];
        if (!matches.ContainsAnyExcept(0.0)) return (precisions, 0);

        int order = orders;
        double share = 1;
        for (int n = 0; n < orders; n++)
        {
            double added = _options.Smoothing == BleuSmoothing.AddK && n > 0 ? SmoothingValue : 0;
            (double match, double total) = (matches[n] + added, totals[n] + added);
            if (total == 0) break;
            if (_options.EffectiveOrder) order = n + 1;
            if (match > 0) precisions[n] = 100 * match / total;
            else if (_options.Smoothing == BleuSmoothing.Exponential) precisions[n] = 100 / ((share *= 2) * total);
            else if (_options.Smoothing == BleuSmoothing.Floor) precisions[n] = 100 * SmoothingValue / total;
        }

        return (precisions, order);
    }

    private double SmoothingValue => _options.SmoothingValue ?? (_options.Smoothing == BleuSmoothing.Floor ? 0.1 : 1);

    private static double BrevityPenalty(ReadOnlySpan<double> statistics)
    {
        (double hypothesis, double reference) = (statistics[HypothesisLength], statistics[ReferenceLength]);
        return hypothesis >= reference ? 1 : hypothesis > 0 ? Math.Exp(1 - reference / hypothesis) : 0;
    }

    // So small a precision makes the score zero, as the logarithm of zero would, without an infinity times zero.
    private static double Log(double precision) => precision == 0 ? -9999999999 : Math.Log(precision);

    private string Spaced(string segment)
    {
        ReadOnlySpan<char> text = PythonText.TrimEnd(_options.Lowercase ? PythonText.Lower(segment) : segment);
        return _options.Tokenizer switch
        {
            BleuTokenizer.None => text.ToString(),
            BleuTokenizer.International => MtevalTokenizer.International(text),
            BleuTokenizer.Character => MtevalTokenizer.Characters(text),
            BleuTokenizer.Chinese => MtevalTokenizer.Chinese(text),
            _ => MtevalTokenizer.Mteval13a(text),
        };
    }
}
