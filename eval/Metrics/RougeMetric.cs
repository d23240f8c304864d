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
    // Files with a text on each line mark its sentences with <n>.
    private static readonly string[] SentenceMarks = ["\n", "<n>"];

    /// <inheritdoc/>
    public override string Name => variant switch
    {
        RougeVariant.Rouge1 => "rouge1",
        RougeVariant.Rouge2 => "rouge2",
        RougeVariant.RougeLsum => "rougeLsum",
        _ => "rougeL",
    };

    /// <summary>Precision, recall, F1, one.</summary>
    /// <inheritdoc/>
    public override double[] Statistics(string hypothesis, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        if (variant == RougeVariant.RougeLsum)
            return references.Select(reference => CompareSummaries(hypothesis, reference)).MaxBy(row => row[2])!;
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
        return Row(matches, hypothesis.Length - n + 1, reference.Length - n + 1);
    }

    private static double[] Row(int matches, int inHypothesis, int inReference)
    {
        double precision = matches / (double)Math.Max(inHypothesis, 1), recall = matches / (double)Math.Max(inReference, 1);
        return [precision, recall, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0, 1];
    }

    /// <summary>
    /// Lin 2004, section 3.2: of each reference sentence the words that lie in its longest common subsequence with any sentence of the
    /// hypothesis, each word counted at most as often as both texts hold it.
    /// </summary>
    private static double[] CompareSummaries(string hypothesis, string reference)
    {
        string[] one = hypothesis.Split(
            SentenceMarks, StringSplitOptions.None), other = reference.Split(SentenceMarks, StringSplitOptions.None);
        int[][] sentences = NGramOverlap.Symbols([.. one.Concat(other).Select(Words)]);
        int[][] candidates = sentences[..one.Length], references = sentences[one.Length..];
        Dictionary<int, int> left = candidates.SelectMany(words => words).CountBy(word => word).ToDictionary();
        Dictionary<int, int> right = references.SelectMany(words => words).CountBy(word => word).ToDictionary();
        int matches = 0;
        foreach (int[] sentence in references)
        {
            foreach (int at in candidates.SelectMany(candidate => SubsequenceOf(sentence, candidate)).Distinct().Order())
            {
                int word = sentence[at];
                if (left.GetValueOrDefault(word) == 0 || right[word] == 0) continue;
                (left[word], right[word]) = (left[word] - 1, right[word] - 1);
                matches++;
            }
        }

        return Row(matches, candidates.Sum(words => words.Length), references.Sum(words => words.Length));
    }

    /// <summary>Where a longest common subsequence lies in the first text; of several the one that rouge_score finds.</summary>
    private static List<int> SubsequenceOf(int[] sentence, int[] candidate)
    {
        int[,] lengths = new int[sentence.Length + 1, candidate.Length + 1];
        for (int i = 1; i <= sentence.Length; i++)
        {
            for (int j = 1; j <= candidate.Length; j++)
                lengths[i, j] = sentence[i - 1] == candidate[j - 1]
                    ? lengths[i - 1, j - 1] + 1 : Math.Max(lengths[i - 1, j], lengths[i, j - 1]);
        }

        List<int> found = [];
        for (int i = sentence.Length, j = candidate.Length; i > 0 && j > 0;)
        {
            if (sentence[i - 1] == candidate[j - 1])
            {
                found.Add(--i);
                j--;
            }
            else if (lengths[i, j - 1] > lengths[i - 1, j]) j--;
            else i--;
        }

        return found;
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
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterLower(source[i]) || char.IsAsciiDigit(source[i]) ? source[i] : ' ';
        }));
    }
}
