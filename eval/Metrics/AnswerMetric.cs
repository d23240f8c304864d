using System.Text.RegularExpressions;
using AgentKit.Eval.Text;

namespace AgentKit.Eval.Metrics;

/// <summary>
/// Exact match or token F1 of short answers, 0 to 100, as for SQuAD (Rajpurkar et al. 2016, section 6.1): lower case, without ASCII
/// punctuation and the articles a, an, the. Of several references the best counts, over segments the mean.
/// </summary>
/// <param name="exact">Whether only an equal answer counts, rather than its share of words.</param>
public sealed partial class AnswerMetric(bool exact) : TextMetric
{
    /// <inheritdoc/>
    public override string Name => exact ? "exact" : "f1";

    /// <summary>The segment's score, one.</summary>
    /// <inheritdoc/>
    public override double[] Statistics(string hypothesis, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        List<string> answer = Words(hypothesis);
        return [references.Max(reference => exact ? (answer.SequenceEqual(Words(reference)) ? 1 : 0) : F1(answer, Words(reference))), 1];
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> statistics) => statistics[1] > 0 ? 100 * statistics[0] / statistics[1] : 0;

    /// <inheritdoc/>
    public override string Signature(string references) => $"nrefs:{references}|case:lc|tok:squad|agg:mean";

    private static double F1(List<string> answer, List<string> reference)
    {
        // An empty answer is right exactly where nothing is expected.
        if (answer.Count == 0 || reference.Count == 0) return answer.Count == reference.Count ? 1 : 0;
        double both = new NGramOverlap(NGramOverlap.Symbols(answer, reference)).Matches(0, 1);
        (double precision, double recall) = (both / answer.Count, both / reference.Count);
        return both > 0 ? 2 * precision * recall / (precision + recall) : 0;
    }

    private static List<string> Words(string text)
    {
        string plain = string.Concat(PythonText.Lower(text).Where(c => !(char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)))));
        return PythonText.Split(Article().Replace(plain, " "));
    }

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Article();
}
