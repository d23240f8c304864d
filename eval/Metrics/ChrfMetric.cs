using System.Text;
using AgentKit.Eval.Text;

namespace AgentKit.Eval.Metrics;

/// <summary>
/// chrF (Popović 2015, section 2) and chrF++ (Popović 2017), 0 to 100, equal to sacreBLEU 2.6.0: the F-score of character n-grams, and of
/// word n-grams for chrF++. Precision and recall are averaged over the lengths that occur; of several references the best counts.
/// </summary>
/// <param name="options">How it counts.</param>
public sealed class ChrfMetric(ChrfOptions? options = null) : TextMetric
{
    private readonly ChrfOptions _options = options ?? new();

    /// <inheritdoc/>
    public override string Name => $"chrF{_options.Beta}{new string('+', _options.WordOrder)}";

    private int Orders => _options.CharacterOrder + _options.WordOrder;

    /// <summary>For each n: n-grams of the hypothesis, of the reference, of both; characters first, then words.</summary>
    /// <inheritdoc/>
    public override double[] Statistics(string hypothesis, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        string[] texts = [.. references.Prepend(hypothesis).Select(text => _options.Lowercase ? PythonText.Lower(text) : text)];
        double[][] statistics = new double[references.Count][];
        foreach (ref double[] row in statistics.AsSpan()) row = new double[3 * Orders];
        int[][] characters = Array.ConvertAll(texts, text => PythonText.CodePoints(string.Concat(PythonText.Split(text))));
        Count(characters, 0, _options.CharacterOrder, statistics);
        if (_options.WordOrder > 0)
            Count(WordSymbols.Of(Array.ConvertAll(texts, Spaced)), _options.CharacterOrder, _options.WordOrder, statistics);
        return statistics.MaxBy(row => Score(row))!;
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> statistics)
    {
        double precision = 0, recall = 0;
        int orders = 0;
        for (int n = 0; n < Orders; n++)
        {
            (double hypothesis, double reference, double both) = (statistics[3 * n], statistics[3 * n + 1], statistics[3 * n + 2]);
            if (hypothesis == 0 || reference == 0) continue;
            precision += both / hypothesis;
            recall += both / reference;
            orders++;
        }

        if (precision + recall == 0) return 0;
        (precision, recall) = (precision / orders, recall / orders);
        double weight = _options.Beta * _options.Beta;
        return 100 * ((1 + weight) * precision * recall / (weight * precision + recall));
    }

    /// <inheritdoc/>
    public override string Signature(string references) =>
        $"nrefs:{references}|case:{(_options.Lowercase ? "lc" : "mixed")}|eff:yes|nc:{_options.CharacterOrder}|nw:{_options.WordOrder}|space:no"
        + $"|{SacreBleu.Version}";

    private static void Count(int[][] texts, int first, int orders, double[][] statistics)
    {
        var overlap = new NGramOverlap(texts);
        for (int n = 0; n < orders; n++)
        {
            if (n > 0) overlap.Next();
            for (int reference = 1; reference < texts.Length; reference++)
            {
                Span<double> counts = statistics[reference - 1].AsSpan(3 * (first + n), 3);
                counts[1] = overlap.Total(reference);
                // N-grams of a length that the reference does not have count neither for nor against.
                counts[0] = counts[1] > 0 ? overlap.Total(0) : 0;
                counts[2] = overlap.Matches(0, reference);
            }
        }
    }

    // One punctuation mark at the end of a word, else at its beginning, is a word of its own.
    private static string Spaced(string text)
    {
        var spaced = new StringBuilder(text.Length + 16);
        for (int start = 0, end; start < text.Length; start = end + 1)
        {
            end = start;
            while (end < text.Length && !PythonText.IsSpace(text[end])) end++;
            ReadOnlySpan<char> word = text.AsSpan(start, end - start);
            int cut = word.Length < 2 ? 0 : IsPunctuation(word[^1]) ? word.Length - 1 : IsPunctuation(word[0]) ? 1 : 0;
            spaced.Append(word[..cut]).Append(' ').Append(word[cut..]).Append(' ');
        }

        return spaced.ToString();
    }

    private static bool IsPunctuation(char c) => char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c));
}
