namespace AgentKit.Eval.Text;

/// <summary>
/// Counts the n-grams that texts share, for one n after the other. An n-gram is named by the (n−1)-gram it begins with and its last symbol,
/// so the counts are exact for any n and any alphabet.
/// </summary>
internal sealed class NGramOverlap
{
    private readonly int[][] _symbols;
    private readonly int[][] _ids;
    private readonly Dictionary<ulong, int> _names = [];

    /// <param name="texts">The texts as symbols, [text][position].</param>
    public NGramOverlap(params int[][] texts)
    {
        _symbols = texts;
        _ids = new int[texts.Length][];
        for (int text = 0; text < texts.Length; text++) _ids[text] = Array.ConvertAll(texts[text], symbol => Name(0, symbol));
        Order = 1;
    }

    /// <summary>The n that is counted now; 1 at first.</summary>
    public int Order { get; private set; }

    /// <summary>Number of n-grams of a text.</summary>
    public int Total(int text) => _ids[text].Length;

    /// <summary>Goes on to n + 1.</summary>
    public void Next()
    {
        _names.Clear();
        for (int text = 0; text < _ids.Length; text++)
        {
            int[] shorter = _ids[text];
            int[] longer = new int[Math.Max(shorter.Length - 1, 0)];
            for (int i = 0; i < longer.Length; i++) longer[i] = Name(shorter[i], _symbols[text][i + Order]);
            _ids[text] = longer;
        }

        Order++;
    }

    /// <summary>
    /// How many n-grams of a text are found in others, each counted at most as often as the text holds it that holds it most.
    /// </summary>
    public int Matches(int text, params ReadOnlySpan<int> others)
    {
        int[] most = new int[_names.Count];
        int[] counts = new int[_names.Count];
        foreach (int other in others)
        {
            foreach (int id in _ids[other]) most[id] = Math.Max(most[id], ++counts[id]);
            foreach (int id in _ids[other]) counts[id] = 0;
        }

        int matches = 0;
        foreach (int id in _ids[text])
        {
            if (counts[id]++ < most[id]) matches++;
        }

        return matches;
    }

    /// <summary>Words as symbols; equal words are the same symbol.</summary>
    public static int[][] Symbols(params IReadOnlyList<string>[] texts)
    {
        Dictionary<string, int> symbols = new(StringComparer.Ordinal);
        return Array.ConvertAll(texts, words => words.Select(word =>
        {
            if (!symbols.TryGetValue(word, out int symbol)) symbols.Add(word, symbol = symbols.Count);
            return symbol;
        }).ToArray());
    }

    private int Name(int beginning, int symbol)
    {
        ulong key = ((ulong)(uint)beginning << 32) | (uint)symbol;
        if (!_names.TryGetValue(key, out int id)) _names.Add(key, id = _names.Count);
        return id;
    }
}
