using System.Buffers;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;
using AgentKit.Models.Sampling;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// Holds one sequence to a grammar. The engine samples freely, asks <see cref="Allows"/> for the sampled token, and only when that is
/// refused applies the mask and samples again; then it tells the token with <see cref="Accept"/>. Used by one thread at a time.
/// With a limit of tokens, a token after which the text could not be completed within the limit is refused like one that the grammar forbids;
/// from then on the shortest completion is the only way.
/// </summary>
internal sealed class GrammarConstraint : TokenConstraint
{
    private const int MostTried = 2_000;

    private readonly TokenVocabulary vocabulary;
    private readonly DistinctCheck? check;
    private GrammarState state;
    private bool ended;
    private bool isMasked;
    private bool isTooLong;
    private int left = int.MaxValue;
    private int[]? closing;

    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="grammar">What the text must match.</param>
    /// <param name="maxTokens">The limit; one too small for any complete text is not watched.</param>
    internal GrammarConstraint(TokenVocabulary vocabulary, Grammar grammar, int? maxTokens = null)
        : this(vocabulary, grammar.Start, grammar.HasMarks ? new DistinctCheck() : null)
    {
        if (maxTokens is { } most && Completion.Find(vocabulary, state, most) is not null)
            left = most;
    }

    private GrammarConstraint(TokenVocabulary vocabulary, GrammarState state, DistinctCheck? check) =>
        (this.vocabulary, this.state, this.check) = (vocabulary, state, check);

    /// <summary>The limit was near, and the text was brought to its end on the shortest way.</summary>
    internal bool ClosedEarly => closing is not null;

    /// <summary>The text so far is complete: the generation may end here.</summary>
    internal bool IsComplete => ended || state.IsAccepting;

    /// <summary>Nothing but the end can follow.</summary>
    internal bool IsFinished => ended || state.IsFinal;

    /// <summary>The fewest bytes that would complete the text; a guide for ending within a token budget.</summary>
    internal int BytesToFinish => ended ? 0 : state.BytesToFinish;

    /// <summary>Whether the token may come next; microseconds.</summary>
    public override bool Allows(int token)
    {
        if (!AllowedByGrammar(token) || Repeats(token))
            return false;
        if (closing is not null)
            return IsNextOf(closing, token);
        isTooLong = !vocabulary.EndsGeneration(token) && left != int.MaxValue && !Fits(state.Next(vocabulary.Piece(token)), left - 1);
        return !isTooLong;
    }

    /// <summary>
    /// Sets the logits of all tokens that may not come next to negative infinity. When every token the grammar allows would repeat a name
    /// or an item that must not occur twice, the repetition is let through: the validator of the schema will name it. Asked for again because
    /// the limit of tokens refuses a token that the mask has left, only the shortest completion stays open.
    /// </summary>
    /// <param name="logits">A row of logits by token id.</param>
    /// <exception cref="UserInputException">
    /// No token of the vocabulary can continue the text, for example because it lacks a byte.
    /// </exception>
    public override void ApplyMask(Span<float> logits)
    {
        if (closing is null && (isTooLong || (isMasked && left != int.MaxValue)))
            closing = Completion.Find(vocabulary, state, left);
        isMasked = true;
        if (closing is not null)
        {
            ApplyClosing(closing, logits);
            return;
        }

        var mask = vocabulary.MaskOf(state);
        if (ended || mask.Count == 0)
        {
            throw new UserInputException(
                "grammar", "No token of the model can continue the text as the grammar demands: it asks for characters the model cannot write.");
        }

        mask.Apply(logits);
        if (check is null or { IsIdle: true })
            return;
        // Where much is allowed, as inside a text, only tokens that can end something can repeat something.
        var suspects = mask.Count > MostTried ? vocabulary.StructuralTokens.Where(mask.Allows) : mask.Tokens();
        var repeating = suspects.Where(Repeats).ToArray();
        if (repeating.Length == mask.Count)
            check.StepBack();
        foreach (var token in repeating.Length < mask.Count ? repeating : [])
            logits[token] = float.NegativeInfinity;
    }

    /// <summary>Moves on by a token.</summary>
    /// <exception cref="InvalidOperationException">The grammar does not allow the token here.</exception>
    public override void Accept(int token)
    {
        if (!AllowedByGrammar(token))
            throw new InvalidOperationException($"Token {token} is not allowed here.");
        (isMasked, isTooLong) = (false, false);
        if (left != int.MaxValue)
            left--;
        if (closing is { Length: > 0 })
            closing = closing[1..];
        if (vocabulary.EndsGeneration(token))
            ended = true;
        else
            MoveOn(vocabulary.Piece(token));
    }

    /// <summary>
    /// The text that must follow because there is no choice, up to <paramref name="limit"/> bytes; it may be fed to the model without
    /// sampling.
    /// </summary>
    /// <returns>False when the next byte is open, or when the text may end here.</returns>
    internal bool TryGetForcedText(out ReadOnlySpan<byte> text, int limit = 256)
    {
        var forced = new ArrayBufferWriter<byte>();
        var at = state;
        // A special token's name is not text and cannot be tokenised as such.
        while (!ended && forced.WrittenCount < limit && at.ForcedByte is >= 0 and < SpecialTokenBytes.FirstReserved)
        {
            forced.Write([(byte)at.ForcedByte]);
            at = at.Next((byte)at.ForcedByte);
        }

        text = forced.WrittenSpan;
        return text.Length > 0;
    }

    /// <summary>Moves on by text that was fed without being sampled.</summary>
    /// <exception cref="InvalidOperationException">The grammar does not allow the text here.</exception>
    internal void AcceptText(ReadOnlySpan<byte> text)
    {
        if (ended || state.Next(text).IsDead)
            throw new InvalidOperationException("The text is not allowed here.");
        MoveOn(text);
    }

    /// <summary>A second constraint at the same place, for drafts that may be taken back.</summary>
    internal GrammarConstraint Fork() => new(vocabulary, state, check?.Fork()) { ended = ended, left = left, closing = closing };

    private bool Fits(GrammarState next, int tokens) =>
        next.BytesToFinish <= tokens || Completion.Find(vocabulary, next, tokens) is not null;

    private bool IsNextOf(int[] way, int token) => way.Length > 0 ? token == way[0] : vocabulary.EndsGeneration(token);

    private void ApplyClosing(int[] way, Span<float> logits)
    {
        for (var token = 0; token < logits.Length; token++)
            logits[token] = !IsNextOf(way, token) ? float.NegativeInfinity : float.IsFinite(logits[token]) ? logits[token] : 0;
    }

    private bool AllowedByGrammar(int token)
    {
        if (ended)
            return false;
        if (vocabulary.EndsGeneration(token))
            return state.IsAccepting;
        var piece = vocabulary.Piece(token);
        return !piece.IsEmpty && !state.Next(piece).IsDead;
    }

    private bool Repeats(int token) =>
        check is not null && vocabulary.Piece(token) is { IsEmpty: false } piece && !check.Permits(state, piece);

    private void MoveOn(ReadOnlySpan<byte> text)
    {
        check?.Accept(state, text);
        state = state.Next(text);
    }
}
