using System.Globalization;
using AgentKit.Eval.Text;

namespace AgentKit.Eval.Metrics;

/// <summary>
/// ROUGE (Lin 2004, sections 2 and 3), 0 to 1, as the Python package rouge_score computes it without a stemmer: F1 over lower-case words of
/// <c>a–z</c> and <c>0–9</c>, of several references the best, over segments the mean.
/// </summary>
/// <param name="variant">What counts as a match.</param>
public sealed class RougeMetric(RougeVariant variant) : TextMetric
{
    /// <inheritdoc/>
    public override string Name => variant switch
    {
        RougeVariant.Rouge1 => "rouge1",
        RougeVariant.Rouge2 => "rouge2",
        _ => "rougeL",
    };

    /// <summary>Precision, recall, F1, one.</summary>
    /// <inheritdoc/>
    public override double[] Statistics(string hypothesis, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        int[][] texts = NGramOverlap.Symbols([Words(hypothesis), .. references.Select(Words)]);
        return texts.Skip(1).Select(reference => Compare(texts[0], reference)).MaxBy(row => row[2])!;
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> statistics) => statistics[3] > 0 ? statistics[2] / statistics[3] : 0;

    /// <inheritdoc/>
    public override string Explain(ReadOnlySpan<double> statistics) => string.Create(
        CultureInfo.InvariantCulture,
        $"precision = {statistics[0] / statistics[3]:0.0000} recall = {statistics[1] / statistics[3]:0.0000}");

    /// <inheritdoc/>
    public override string Signature(string references) => $"nrefs:{references}|case:lc|tok:rouge_score|stem:no|agg:mean";

    private double[] Compare(int[] hypothesis, int[] reference)
    {
        int n = variant == RougeVariant.Rouge2 ? 2 : 1;
        int matches = variant == RougeVariant.RougeL ? LongestCommonSubsequence(hypothesis, reference) : NGrams(hypothesis, reference, n);
        double precision = matches / (double)Math.Max(hypothesis.Length - n + 1, 1);
        double recall = matches / (double)Math.Max(reference.Length - n + 1, 1);
        return [precision, recall, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0, 1];
    }

    private static int NGrams(int[] hypothesis, int[] reference, int n)
    {
        var overlap = new NGramOverlap(hypothesis, reference);
        while (overlap.Order < n) overlap.Next();
        return overlap.Matches(0, 1);
    }

    private static int LongestCommonSubsequence(int[] a, int[] b)
    {
        int[] lengths = new int[b.Length + 1];
        foreach (int symbol in a)
        {
            int diagonal = 0;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = lengths[j];
                lengths[j] = symbol == b[j - 1] ? diagonal + 1 : Math.Max(above, lengths[j - 1]);
                diagonal = above;
            }
        }

        return lengths[^1];
    }

    private static List<string> Words(string text)
    {
        string lower = PythonText.Lower(text);
        return PythonText.Split(string.Create(lower.Length, lower, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterLower(source[i]) || char.IsAsciiDigit(source[i]) ? source[i] : ' ';
        }));
    }
}
