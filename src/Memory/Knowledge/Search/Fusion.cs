namespace AgentKit.Memory.Knowledge.Search;

/// <summary>Makes one ranking of several.</summary>
internal static class Fusion
{
    /// <summary>Cormack et al. 2009, <i>Reciprocal Rank Fusion</i>: score = Σ weight / (k + rank), ranks from 1. Scores themselves do not count.</summary>
    public static List<Candidate> Fuse(int k, params ReadOnlySpan<(IReadOnlyList<Candidate> Ranking, double Weight)> rankings)
    {
        var scores = new Dictionary<long, double>();
        foreach ((IReadOnlyList<Candidate> ranking, double weight) in rankings)
        {
            if (weight == 0) continue;
            for (int i = 0; i < ranking.Count; i++)
                scores[ranking[i].Chunk] = scores.GetValueOrDefault(ranking[i].Chunk) + (weight / (k + i + 1));
        }

        return [.. scores.Select(score => new Candidate(score.Key, score.Value)).OrderByDescending(c => c.Score).ThenBy(c => c.Chunk)];
    }

    /// <summary>
    /// Carbonell and Goldstein 1998, <i>Maximal Marginal Relevance</i>: takes next what is best by (1 − diversity) · relevance − diversity · largest
    /// similarity to what was taken. Relevance is the score scaled to 0..1.
    /// </summary>
    /// <param name="candidates">Best first; their scores stay.</param>
    /// <param name="count">Most results.</param>
    /// <param name="diversity">0..1.</param>
    /// <param name="similarity">Of two chunks.</param>
    public static List<Candidate> Diversify(IReadOnlyList<Candidate> candidates, int count, double diversity, Func<long, long, double> similarity)
    {
        if (candidates.Count == 0) return [];
        (double least, double most) = (candidates.Min(c => c.Score), candidates.Max(c => c.Score));
        double range = most > least ? most - least : 1;
        var left = candidates.Select(c => (Candidate: c, Relevance: (c.Score - least) / range, Nearest: 0.0)).ToList();
        var taken = new List<Candidate>();
        while (taken.Count < count && left.Count > 0)
        {
            int best = 0;
            for (int i = 1; i < left.Count; i++)
            {
                if (Value(left[i]) > Value(left[best])) best = i;
            }

            Candidate next = left[best].Candidate;
            left.RemoveAt(best);
            taken.Add(next);
            for (int i = 0; i < left.Count; i++)
                left[i] = left[i] with { Nearest = Math.Max(left[i].Nearest, similarity(left[i].Candidate.Chunk, next.Chunk)) };
        }

        return taken;

        double Value((Candidate Candidate, double Relevance, double Nearest) one) => ((1 - diversity) * one.Relevance) - (diversity * one.Nearest);
    }
}
