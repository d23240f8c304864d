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
        heading = heading.Trim();
        _headings[level - 1] = heading.Length <= LongestHeading ? heading.ToString() : $"{heading[..LongestHeading].TrimEnd()}…";
        Text = string.Join(" > ", _headings.Where(text => !string.IsNullOrEmpty(text)));
    }
}
