namespace AgentKit.Training.Objectives;

/// <summary>Checks that options share.</summary>
internal static class Ranges
{
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite or not above the bound.</exception>
    public static double Above(double value, double bound, string name) =>
        double.IsFinite(value) && value > bound ? value : throw new ArgumentOutOfRangeException(name, value, $"above {bound}");

    /// <exception cref="ArgumentOutOfRangeException">The value is not finite or below the bound.</exception>
    public static double AtLeast(double value, double bound, string name) =>
        double.IsFinite(value) && value >= bound ? value : throw new ArgumentOutOfRangeException(name, value, $"{bound} or more");

    /// <exception cref="ArgumentException">The batch is empty.</exception>
    public static void NotEmpty<T>(IReadOnlyCollection<T> batch, string name)
    {
        ArgumentNullException.ThrowIfNull(batch, name);
        if (batch.Count == 0) throw new ArgumentException("The batch is empty.", name);
    }
}
