namespace AgentKit.Memory.Knowledge.Chunking;

/// <summary>
/// Tokens of a text without a tokenizer: a word for each four letters begun, one for each digit, sign and ideograph. More than common
/// vocabularies need for prose, so that a chunk within a limit by this count is within it by theirs.
/// </summary>
internal static class TokenEstimate
{
    private const int LettersPerToken = 4;

    public static int Count(ReadOnlySpan<char> text)
    {
        int tokens = 0;
        int letters = 0;
        foreach (char c in text)
        {
            if (char.IsAsciiLetter(c) || (c is >= '\u00C0' and < '\u2000' && char.IsLetter(c)))
            {
                if ((letters++ & (LettersPerToken - 1)) == 0) tokens++;
                continue;
            }

            letters = 0;
            if (c > ' ') tokens++;
        }

        return tokens;
    }
}
