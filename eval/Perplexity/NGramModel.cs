namespace AgentKit.Eval.Perplexity;

/// <summary>
/// An n-gram model over tokens that learns while it reads: Laplace's add-one estimate at its order, and interpolated Kneser–Ney (Kneser and
/// Ney 1995; Chen and Goodman 1999, section 2.7) with a discount of 0.75. Contexts are a tree from the newest token backwards.
/// </summary>
/// <param name="order">n, 1 or more.</param>
/// <param name="vocabulary">Number of tokens there are.</param>
internal sealed class NGramModel(int order, int vocabulary)
{
    private const double Discount = 0.75;
    private const int BeforeTheText = -1;

    private readonly Context _root = new();
    private readonly Context[] _path = new Context[order];

    /// <summary>The probabilities of a token after what came before it; then learns it.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="at">Position of the token.</param>
    public (double Laplace, double KneserNey) Read(ReadOnlySpan<int> tokens, int at)
    {
        _path[0] = _root;
        for (int k = 1; k < order; k++) _path[k] = _path[k - 1].Older(at - k >= 0 ? tokens[at - k] : BeforeTheText);

        double kneserNey = 1.0 / vocabulary;
        foreach (Context context in _path) kneserNey = context.Interpolate(tokens[at], kneserNey);
        Context longest = _path[^1];
        double laplace = (longest.Count(tokens[at]) + 1.0) / (longest.Total + (double)vocabulary);

        // Shorter contexts count in how many different longer ones a token was seen, not how often.
        for (int k = order - 1; k >= 0 && _path[k].Learn(tokens[at]); k--)
        {
        }

        return (laplace, kneserNey);
    }

    private sealed class Context
    {
        private readonly Dictionary<int, int> _counts = [];
        private Dictionary<int, Context>? _older;

        public int Total { get; private set; }

        public int Count(int token) => _counts.GetValueOrDefault(token);

        public Context Older(int token)
        {
            _older ??= [];
            if (!_older.TryGetValue(token, out Context? context)) _older.Add(token, context = new());
            return context;
        }

        public double Interpolate(int token, double shorter) =>
            Total == 0 ? shorter : (Math.Max(Count(token) - Discount, 0) + Discount * _counts.Count * shorter) / Total;

        /// <returns>Whether the token is new here.</returns>
        public bool Learn(int token)
        {
            Total++;
            int count = Count(token) + 1;
            _counts[token] = count;
            return count == 1;
        }
    }
}
