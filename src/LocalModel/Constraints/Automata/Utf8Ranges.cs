namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Writes a range of scalar values as sequences of byte ranges: a character is in the range when its UTF-8 bytes match one sequence.
/// </summary>
internal static class Utf8Ranges
{
    /// <summary>
    /// The sequences of 1 to 4 byte ranges for <paramref name="first"/> to <paramref name="last"/>; neither end may be a surrogate.
    /// </summary>
    internal static List<(byte Low, byte High)[]> Of(int first, int last)
    {
        var sequences = new List<(byte, byte)[]>();
        Split(first, last, sequences);
        return sequences;
    }

    private static void Split(int first, int last, List<(byte Low, byte High)[]> output)
    {
        if (SplitAt(0x7F) || SplitAt(0x7FF) || SplitAt(0xFFFF))
            return;
        for (var shift = 6; first > 0x7F && shift <= 18; shift += 6)
        {
            // Below the byte in question every continuation byte must run over its whole range.
            var mask = (1 << shift) - 1;
            if ((first & ~mask) == (last & ~mask))
                continue;
            if (((first & mask) != 0 && SplitAt(first | mask)) || ((last & mask) != mask && SplitAt((last & ~mask) - 1)))
                return;
        }

        output.Add(Pair(first, last));

        bool SplitAt(int end)
        {
            if (first > end || last <= end)
                return false;
            Split(first, end, output);
            Split(end + 1, last, output);
            return true;
        }
    }

    private static (byte Low, byte High)[] Pair(int first, int last)
    {
        Span<byte> low = stackalloc byte[4];
        Span<byte> high = stackalloc byte[4];
        var length = Encode(first, low);
        Encode(last, high);
        var pair = new (byte, byte)[length];
        for (var i = 0; i < length; i++)
            pair[i] = (low[i], high[i]);
        return pair;
    }

    private static int Encode(int scalar, Span<byte> bytes) => new System.Text.Rune(scalar).EncodeToUtf8(bytes);
}
