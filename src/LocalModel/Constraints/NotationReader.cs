using System.Globalization;

namespace AgentKit.Models.Constraints;

/// <summary>What the readers of grammars and regular expressions have in common: a place in a text, and the pieces both notations share.</summary>
/// <param name="text">The text to read.</param>
internal abstract class NotationReader(string text)
{
    private const int LargestCount = 100_000;

    /// <summary>The text.</summary>
    protected string Text { get; } = text;

    /// <summary>The place of the next character.</summary>
    protected int At { get; set; }

    /// <summary>An error in the text at a place.</summary>
    protected abstract Exception Error(int position, string what);

    /// <summary>A number of repetitions that is more than <paramref name="most"/>.</summary>
    protected virtual Exception TooMany(int position, int most) => Error(position, $"a count above {most:N0}");

    /// <summary>Goes past a character if it is the next one.</summary>
    protected bool Take(char expected)
    {
        if (At >= Text.Length || Text[At] != expected)
            return false;
        At++;
        return true;
    }

    /// <summary>Goes past a text if it is the next one.</summary>
    protected bool Take(string expected)
    {
        if (string.CompareOrdinal(Text, At, expected, 0, expected.Length) != 0)
            return false;
        At += expected.Length;
        return true;
    }

    /// <summary>A number of repetitions; <c>null</c> when there is none.</summary>
    protected int? Count()
    {
        var start = At;
        while (At < Text.Length && char.IsAsciiDigit(Text[At]))
            At++;
        if (At == start)
            return null;
        return int.TryParse(Text.AsSpan(start, At - start), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= LargestCount
            ? value
            : throw TooMany(start, LargestCount);
    }

    /// <summary>A number of so many hexadecimal digits.</summary>
    /// <param name="digits">How many.</param>
    /// <param name="start">Where an error is reported.</param>
    protected int Hex(int digits, int start)
    {
        if (At + digits > Text.Length
            || !int.TryParse(Text.AsSpan(At, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Error(start, $"{digits} hexadecimal digits were expected");
        }

        At += digits;
        return value;
    }

    /// <summary>One character, as its code point.</summary>
    protected int Scalar()
    {
        if (!char.IsSurrogate(Text[At]))
            return Text[At++];
        if (At + 1 >= Text.Length || !char.IsSurrogatePair(Text[At], Text[At + 1]))
            throw Error(At, "half a surrogate pair");
        At += 2;
        return char.ConvertToUtf32(Text[At - 2], Text[At - 1]);
    }
}
