using System.Runtime.InteropServices;

namespace AgentKit.Models.Engine;

/// <summary>
/// Guesses that what followed the last few tokens the last time they appeared follows them again (prompt lookup decoding, Saxena 2023). Costs
/// nothing but the search; right where a model quotes, edits or repeats.
/// </summary>
internal sealed class PromptLookup : Drafter
{
    private const int LongestPattern = 4;
    private const int ShortestPattern = 2;

    /// <inheritdoc/>
    public override void Propose(IReadOnlyList<GeneratingSequence> sequences, int most)
    {
        foreach (GeneratingSequence sequence in sequences)
        {
            sequence.Draft.AddRange(Find(CollectionsMarshal.AsSpan(sequence.Tokens), Worth(sequence, most)));
        }
    }

    /// <summary>What followed the longest of the text's last patterns at its latest earlier place; empty when none was seen before.</summary>
    public static ReadOnlySpan<int> Find(ReadOnlySpan<int> tokens, int most)
    {
        for (int length = Math.Min(LongestPattern, tokens.Length - 1); length >= ShortestPattern && most > 0; length--)
        {
            int found = tokens[..^1].LastIndexOf(tokens[^length..]);
            if (found >= 0)
            {
                int start = found + length;
                return tokens.Slice(start, Math.Min(most, tokens.Length - start));
            }
        }

        return [];
    }
}
