using System.Text;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// What constrained decoding must know of a model's tokens: the bytes each one stands for, and which ones end the generation.
/// Made once for a model and shared; keeps the token masks of the states met.
/// </summary>
internal sealed class TokenVocabulary
{
    /// <summary>Default memory for masks: about 3,400 full masks of a vocabulary of 152,000 tokens.</summary>
    internal const long DefaultMaskBytes = 64L << 20;

    private readonly byte[]?[] pieces;
    private readonly bool[] endsGeneration;
    private readonly string[] specials;
    private readonly TokenTrie trie;
    private readonly MaskCache masks;

    /// <param name="pieces">
    /// By token id the bytes the token adds to the text; <c>null</c> for tokens that add none (control, unused and unknown tokens).
    /// A byte token is its one byte. User-defined tokens that are printed as text have that text.
    /// </param>
    /// <param name="endOfGeneration">The tokens that end a generation; allowed where the grammar is complete.</param>
    /// <param name="specialTokens">
    /// Control tokens by id, with the text by which <see cref="Grammar.Special"/> names them; their pieces are ignored.
    /// </param>
    /// <param name="maskBytes">The most memory kept for masks.</param>
    internal TokenVocabulary(
        IReadOnlyList<byte[]?> pieces,
        IEnumerable<int> endOfGeneration,
        IReadOnlyDictionary<int, string>? specialTokens = null,
        long maskBytes = DefaultMaskBytes)
    {
        this.pieces = [.. pieces.Select(Readable)];
        foreach (var (token, text) in specialTokens ?? new Dictionary<int, string>())
            this.pieces[token] = SpecialTokenBytes.Of(text);
        specials = [.. (specialTokens ?? new Dictionary<int, string>()).Values.Where(text => text.Length > 0).OrderByDescending(text => text.Length)];
        EndOfGeneration = [.. endOfGeneration];
        endsGeneration = new bool[pieces.Count];
        foreach (var token in EndOfGeneration)
        {
            endsGeneration[token] = true;
            this.pieces[token] = null;
        }

        StructuralTokens = [.. Enumerable.Range(0, pieces.Count).Where(t => this.pieces[t].AsSpan().ContainsAny("\",]}"u8))];
        trie = new TokenTrie(this.pieces);
        masks = new MaskCache(maskBytes);
    }

    /// <summary>The number of token ids.</summary>
    internal int Size => pieces.Length;

    /// <summary>The tokens that end a generation.</summary>
    internal IReadOnlyList<int> EndOfGeneration { get; }

    /// <summary>How the tokens that end a generation are written in a model's syntax, for those that have a text.</summary>
    internal IReadOnlyList<string> EndTexts { get; init; } = [];

    /// <summary>The tokens with a sign that can end a name or an item of a list.</summary>
    internal IReadOnlyList<int> StructuralTokens { get; }

    /// <summary>Memory taken by kept masks.</summary>
    internal long MaskBytes => masks.Bytes;

    /// <summary>Text of a model's syntax as a grammar must spell it: the control tokens in it stand as such, the longest first.</summary>
    internal byte[] Spell(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0, plain = 0; plain < text.Length; plain = i)
        {
            string? special = null;
            while (i < text.Length && (special = Array.Find(specials, s => string.CompareOrdinal(text, i, s, 0, s.Length) == 0)) is null)
                i++;
            bytes.AddRange(Encoding.UTF8.GetBytes(text[plain..i]));
            bytes.AddRange(special is null ? [] : SpecialTokenBytes.Of(special));
            i += special?.Length ?? 0;
        }

        return [.. bytes];
    }

    /// <summary>The bytes of a token; empty when it stands for no text.</summary>
    internal ReadOnlySpan<byte> Piece(int token) => (uint)token < (uint)pieces.Length ? pieces[token] : default;

    /// <summary>The length of the longest piece in bytes.</summary>
    internal int LongestPiece => trie.MaxDepth;

    /// <summary>The token with the longest piece that <paramref name="text"/> begins with; -1 when there is none.</summary>
    internal int LongestAt(ReadOnlySpan<byte> text) => trie.LongestAt(text);

    internal bool EndsGeneration(int token) => (uint)token < (uint)endsGeneration.Length && endsGeneration[token];

    /// <summary>The mask of a state, kept for all states that allow the same.</summary>
    internal TokenMask MaskOf(GrammarState state) => masks.GetOrBuild(state.CanonicalFor(trie.MaxDepth), BuildMask);

    /// <summary>Computes a mask anew: a walk through the trie and the automaton together.</summary>
    internal TokenMask BuildMask(GrammarState state)
    {
        var bits = new ulong[(Size + 63) / 64];
        trie.Mark(state, bits);
        foreach (var token in state.IsAccepting ? EndOfGeneration : [])
            bits[token >> 6] |= 1UL << (token & 63);
        return new TokenMask(bits);
    }

    /// <summary>Bytes that no UTF-8 text contains are not text; they would be taken for special tokens.</summary>
    private static byte[]? Readable(byte[]? piece) =>
        piece is null || piece.AsSpan().ContainsAnyInRange(SpecialTokenBytes.FirstReserved, byte.MaxValue) ? null : piece;
}
