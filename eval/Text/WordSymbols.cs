using System.Numerics;

namespace AgentKit.Eval.Text;

/// <summary>Words of several texts as symbols: equal words are the same symbol. Words are places in their text; none is copied.</summary>
internal sealed class WordSymbols
{
    // Offset and prime of FNV-1a (Fowler, Noll, Vo), here over UTF-16 code units.
    private const uint Offset = 2166136261;
    private const uint Prime = 16777619;

    private readonly string[] _texts;
    private readonly int[] _numbers;
    private readonly List<(int Text, int Start, int Length, uint Hash)> _words;

    private WordSymbols(string[] texts, int words)
    {
        _texts = texts;
        _words = new(words);
        _numbers = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, 2 * words))];
    }

    /// <summary>The symbols, [text][word], from 0.</summary>
    /// <param name="texts">Texts whose words stand between white space.</param>
    public static int[][] Of(params string[] texts)
    {
        int[][] symbols = Array.ConvertAll(texts, text => new int[Count(text)]);
        int words = 0;
        foreach (int[] text in symbols) words += text.Length;
        var table = new WordSymbols(texts, words);
        for (int i = 0; i < texts.Length; i++) table.Fill(i, symbols[i]);
        return symbols;
    }

    private static int Count(string text)
    {
        int words = 0;
        bool inside = false;
        foreach (char c in text)
        {
            bool space = PythonText.IsSpace(c);
            if (!space && !inside) words++;
            inside = !space;
        }

        return words;
    }

    private void Fill(int text, int[] symbols)
    {
        string content = _texts[text];
        int at = 0;
        for (int word = 0; word < symbols.Length; word++)
        {
            while (PythonText.IsSpace(content[at])) at++;
            int start = at;
            uint hash = Offset;
            while (at < content.Length && !PythonText.IsSpace(content[at])) hash = (hash ^ content[at++]) * Prime;
            symbols[word] = Find(text, start, at - start, hash);
        }
    }

    private int Find(int text, int start, int length, uint hash)
    {
        int mask = _numbers.Length - 1;
        int at = (int)(hash ^ (hash >> 15)) & mask;
        for (; _numbers[at] != 0; at = (at + 1) & mask)
        {
            (int Text, int Start, int Length, uint Hash) known = _words[_numbers[at] - 1];
            if (known.Hash == hash && _texts[known.Text].AsSpan(known.Start, known.Length).SequenceEqual(_texts[text].AsSpan(start, length)))
                return _numbers[at] - 1;
        }

        _words.Add((text, start, length, hash));
        _numbers[at] = _words.Count;
        return _words.Count - 1;
    }
}
