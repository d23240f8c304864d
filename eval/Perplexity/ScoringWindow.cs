namespace AgentKit.Eval.Perplexity;

/// <summary>A piece of a text that the model reads at once.</summary>
/// <param name="Tokens">What it reads.</param>
/// <param name="From">Index in it of the first token whose probability counts; the rest follow.</param>
/// <param name="Start">Position in the text of that token.</param>
internal readonly record struct ScoringWindow(int[] Tokens, int From, int Start)
{
    public int Scored => Tokens.Length - From;

    /// <summary>
    /// llama-perplexity's: side by side, the rest dropped; the begin token replaces the first token, and the second half is scored.
    /// </summary>
    public static IEnumerable<ScoringWindow> Chunks(int[] tokens, int length, int? bos)
    {
        int from = length / 2 + 1;
        for (int start = 0; start + length <= tokens.Length; start += length)
        {
            int[] chunk = tokens[start..(start + length)];
            if (bos is { } begin) chunk[0] = begin;
            yield return new(chunk, from, start + from);
        }
    }

    /// <summary>
    /// lm-evaluation-harness's with one token of context: every token is scored once; the first window begins with a prefix token, the
    /// others with the token before them, and the last one is filled up with what it has seen.
    /// </summary>
    public static IEnumerable<ScoringWindow> Rolling(int[] tokens, int length, int prefix)
    {
        int first = Math.Min(length, tokens.Length);
        yield return new([prefix, .. tokens[..first]], 1, 0);
        for (int start = first; start < tokens.Length; start += length)
        {
            int end = Math.Min(start + length, tokens.Length);
            int begin = end - length - 1;
            yield return new(tokens[begin..end], start - begin, start);
        }
    }
}
