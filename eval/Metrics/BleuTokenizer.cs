namespace AgentKit.Eval.Metrics;

/// <summary>How <see cref="BleuMetric"/> cuts a segment into words; sacreBLEU's tokenizers of the same names.</summary>
public enum BleuTokenizer
{
    /// <summary>mteval-v13a's, for Western languages: <c>13a</c>.</summary>
    Mteval13a,

    /// <summary>At white space only: <c>none</c>.</summary>
    None,

    /// <summary>mteval-v14's, by Unicode punctuation and symbols: <c>intl</c>.</summary>
    International,

    /// <summary>Every character a word: <c>char</c>.</summary>
    Character,

    /// <summary>Every Chinese character a word, the rest as 13a: <c>zh</c>.</summary>
    Chinese,
}
