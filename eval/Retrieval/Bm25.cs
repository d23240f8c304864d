namespace AgentKit.Eval.Retrieval;

/// <summary>
/// Okapi BM25 (Robertson et al. 1995) with k₁ 1.2 and b 0.75 over words of <c>a–z</c> and <c>0–9</c>: the lexical baseline that a retriever has to beat.
/// </summary>
public sealed class Bm25
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    private readonly Dictionary<string, List<(int Document, int Count)>> _postings = new(StringComparer.Ordinal);
    private readonly string[] _ids;
    private readonly int[] _lengths;
    private readonly double _meanLength;

    /// <summary>Indexes documents.</summary>
    /// <param name="documents">Each with its id.</param>
    public Bm25(IReadOnlyList<(string Id, string Text)> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        _ids = [.. documents.Select(document => document.Id)];
        _lengths = new int[_ids.Length];
        for (int i = 0; i < _ids.Length; i++)
        {
            string[] words = [.. Words(documents[i].Text)];
            _lengths[i] = words.Length;
            foreach (IGrouping<string, string> word in words.GroupBy(word => word, StringComparer.Ordinal))
            {
                if (!_postings.TryGetValue(word.Key, out var list)) _postings.Add(word.Key, list = []);
                list.Add((i, word.Count()));
            }
        }

        _meanLength = _lengths.Length > 0 ? Math.Max(1, _lengths.Average()) : 1;
    }

    /// <summary>The best documents for a query, best first; among equals the one indexed first. Documents without a common word are left out.</summary>
    /// <param name="query">The query.</param>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<string> Rank(string query, int most)
    {
        ArgumentNullException.ThrowIfNull(query);
        double[] scores = new double[_ids.Length];
        foreach (string word in Words(query))
        {
            if (!_postings.TryGetValue(word, out var postings)) continue;
            double rarity = Math.Log(1 + (_ids.Length - postings.Count + 0.5) / (postings.Count + 0.5));
            foreach ((int document, int count) in postings)
                scores[document] += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * _lengths[document] / _meanLength));
        }

        return [.. Enumerable.Range(0, scores.Length).Where(i => scores[i] > 0).OrderByDescending(i => scores[i]).Take(most).Select(i => _ids[i])];
    }

    private static IEnumerable<string> Words(string text)
    {
        int start = -1;
        string lower = text.ToLowerInvariant();
        for (int i = 0; i <= lower.Length; i++)
        {
            bool letter = i < lower.Length && (char.IsAsciiLetterLower(lower[i]) || char.IsAsciiDigit(lower[i]));
            if (letter && start < 0) start = i;
            if (letter || start < 0) continue;
            yield return lower[start..i];
            start = -1;
        }
    }
}
