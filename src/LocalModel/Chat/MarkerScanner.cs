using System.Text;

namespace AgentKit.Models.Chat;

/// <summary>
/// Finds markers in a stream of characters and holds back no more than what may be the beginning of one. White space in a marker stands
/// for any white
/// space or none; a <c>*</c> for one to 64 characters other than <c>&lt;</c> and line breaks.
/// </summary>
/// <param name="markers">The markers to look for; where two end at the same place, the first one wins.</param>
internal sealed class MarkerScanner(IReadOnlyList<string> markers)
{
    private const int MaxWildcard = 64;

    private readonly StringBuilder _held = new();
    private string? _match;
    private int _matchLength;

    private enum Fit
    {
        None,
        Partial,
        Full,
    }

    /// <summary>What is held back.</summary>
    public string Held => _held.ToString();

    /// <summary>The marker that was found last, as it was written.</summary>
    public string Matched { get; private set; } = "";

    /// <summary>Takes the next character.</summary>
    /// <param name="c">The character.</param>
    /// <param name="free">Text in front that belongs to no marker.</param>
    /// <param name="behind">Characters behind the marker, to be read again.</param>
    /// <returns>The marker that was found; null when none is complete yet.</returns>
    public string? Push(char c, out string free, out string behind)
    {
        (free, behind) = ("", "");
        _held.Append(c);
        while (_held.Length > 0)
        {
            var held = _held.ToString();
            var canGrow = false;
            foreach (var marker in markers)
            {
                switch (Compare(marker, 0, held, 0))
                {
                    case Fit.Full when held.Length > _matchLength:
                        (_match, _matchLength) = (marker, held.Length);
                        break;
                    case Fit.Partial:
                        canGrow = true;
                        break;
                }
            }
            if (canGrow)
                return null;
            if (_match is { } found)
            {
                (Matched, behind) = (held[.._matchLength], held[_matchLength..]);
                Reset();
                return found;
            }
            free += held[0];
            _held.Remove(0, 1);
        }
        return null;
    }

    /// <summary>Ends the input: a marker that was complete but could have grown counts.</summary>
    public string? Finish(out string rest)
    {
        var found = _match;
        Matched = _held.ToString()[.._matchLength];
        rest = _held.ToString()[_matchLength..];
        Reset();
        return found;
    }

    private void Reset()
    {
        _held.Clear();
        (_match, _matchLength) = (null, 0);
    }

    private static Fit Compare(string marker, int m, string text, int t)
    {
        for (; m < marker.Length; m++, t++)
        {
            if (marker[m] == '*')
                return CompareWildcard(marker, m + 1, text, t);
            if (char.IsWhiteSpace(marker[m]))
            {
                while (t < text.Length && char.IsWhiteSpace(text[t]))
                    t++;
                t--;
                continue;
            }
            if (t == text.Length)
                return Fit.Partial;
            if (marker[m] != text[t])
                return Fit.None;
        }
        return t == text.Length ? Fit.Full : Fit.None;
    }

    private static Fit CompareWildcard(string marker, int m, string text, int t)
    {
        var best = text.Length - t <= MaxWildcard && text.AsSpan(t).IndexOfAny('<', '\n') < 0 ? Fit.Partial : Fit.None;
        for (var end = t + 1; end <= text.Length && end - t <= MaxWildcard && text[end - 1] is not ('<' or '\n'); end++)
        {
            var fit = Compare(marker, m, text, end);
            if (fit == Fit.Full)
                return fit;
            best = fit > best ? fit : best;
        }
        return best;
    }
}
