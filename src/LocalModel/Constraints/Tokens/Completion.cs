using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>The shortest way, in bytes, to a complete text, in the longest tokens that fit it.</summary>
internal static class Completion
{
    /// <summary>The tokens, or <c>null</c> when they are more than <paramref name="most"/> or the vocabulary lacks a byte.</summary>
    internal static int[]? Find(TokenVocabulary vocabulary, GrammarState state, int most)
    {
        if (state.IsAccepting)
            return [];
        // No token is longer; so many bytes cannot fit, and need not be walked.
        if (most <= 0 || state.BytesToFinish > (long)most * vocabulary.LongestPiece)
            return null;
        var bytes = Shortest(state);
        var tokens = new List<int>();
        for (var at = 0; at < bytes.Length && tokens.Count <= most;)
        {
            var token = vocabulary.LongestAt(bytes.AsSpan(at));
            if (token < 0)
                return null;
            tokens.Add(token);
            at += vocabulary.Piece(token).Length;
        }

        return tokens.Count <= most ? [.. tokens] : null;
    }

    private static byte[] Shortest(GrammarState state)
    {
        var bytes = new List<byte>();
        while (!state.IsAccepting)
        {
            var fewest = state.BytesToFinish;
            var next = 0;
            while (next < 256 && state.Next((byte)next).BytesToFinish >= fewest)
                next++;
            if (next == 256)
                throw new InvalidOperationException("No byte leads towards the end.");
            bytes.Add((byte)next);
            state = state.Next((byte)next);
        }

        return [.. bytes];
    }
}
