namespace AgentKit.Agents.Judge;

/// <summary>How far two raters agree beyond chance.</summary>
public static class Agreement
{
    /// <summary>
    /// Cohen's κ (Cohen 1960): (p_o − p_e) / (1 − p_e), with p_o the share of equal ratings and p_e what two raters with the same habits
    /// would share by chance. A rating that is missing is a rating of its own.
    /// </summary>
    /// <param name="ratings">What each rater said of each thing, one or more.</param>
    /// <returns>1: always the same; 0: as by chance; below 0: less than that. Where both always say the same one thing, 1.</returns>
    public static double Kappa<T>(IReadOnlyList<(T One, T Other)> ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        ArgumentOutOfRangeException.ThrowIfZero(ratings.Count);
        double n = ratings.Count;
        double observed = ratings.Count(rating => Equals(rating.One, rating.Other)) / n;
        double expected = ratings.Select(rating => rating.One).Concat(ratings.Select(rating => rating.Other)).Distinct().ToArray()
            .Sum(value =>
                ratings.Count(rating => Equals(rating.One, value)) / n * (ratings.Count(rating => Equals(rating.Other, value)) / n));
        return expected >= 1 ? 1 : (observed - expected) / (1 - expected);
    }
}
