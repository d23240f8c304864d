namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>The headings that a place in a document stands under.</summary>
internal sealed class HeadingPath
{
    private const int Levels = 9;
    private const int LongestHeading = 120;

    private readonly string?[] _headings = new string?[Levels];

    /// <summary>Outermost first, joined by " > ".</summary>
    public string Text { get; private set; } = "";

    /// <summary>A heading begins; it ends those of its level and below.</summary>
    /// <param name="level">From 1.</param>
    /// <param name="heading">Its words; a long one is shortened, which its own block is not.</param>
    public void Enter(int level, ReadOnlySpan<char> heading)
    {
        level = Math.Clamp(level, 1, Levels);
        Array.Clear(_headings, level - 1, Levels - level + 1);
        _headings[level - 1] = Shortened(heading, LongestHeading);
        Text = string.Join(" > ", _headings.Where(text => !string.IsNullOrEmpty(text)));
    }

    /// <summary>Words up to a length, with a mark where something is left out.</summary>
    public static string Shortened(ReadOnlySpan<char> words, int most)
    {
        words = words.Trim();
        if (words.Length <= most) return words.ToString();
        if (char.IsHighSurrogate(words[most - 1])) most--;
        return $"{words[..most].TrimEnd()}…";
    }
}
