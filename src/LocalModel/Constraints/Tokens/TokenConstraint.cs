using System.Buffers;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// Holds one sequence to a grammar. The engine samples freely, asks <see cref="Allows"/> for the sampled token, and only when that is
/// refused applies the mask and samples again; then it tells the token with <see cref="Accept"/>. Used by one thread at a time.
/// </summary>
internal sealed class TokenConstraint
{
    private const int MostTried = 2_000;

    private readonly TokenVocabulary vocabulary;
    private readonly DistinctCheck? check;
    private GrammarState state;
    private bool ended;

    internal TokenConstraint(TokenVocabulary vocabulary, Grammar grammar)
        : this(vocabulary, grammar.Start, grammar.HasMarks ? new DistinctCheck() : null)
    {
    }

    private TokenConstraint(TokenVocabulary vocabulary, GrammarState state, DistinctCheck? check) =>
        (this.vocabulary, this.state, this.check) = (vocabulary, state, check);

    /// <summary>The text so far is complete: the generation may end here.</summary>
    internal bool IsComplete => ended || state.IsAccepting;

    /// <summary>Nothing but the end can follow.</summary>
    internal bool IsFinished => ended || state.IsFinal;

    /// <summary>The fewest bytes that would complete the text; a guide for ending within a token budget.</summary>
    internal int BytesToFinish => ended ? 0 : state.BytesToFinish;

    /// <summary>Whether the token may come next; microseconds.</summary>
    internal bool Allows(int token) => AllowedByGrammar(token) && !Repeats(token);

    /// <summary>
    /// Sets the logits of all tokens that may not come next to negative infinity. When every token the grammar allows would repeat a name
    /// or an item that must not occur twice, the repetition is let through: the validator of the schema will name it.
    /// </summary>
    /// <param name="logits">A row of logits by token id.</param>
    /// <exception cref="UserInputException">
    /// No token of the vocabulary can continue the text, for example because it lacks a byte.
    /// </exception>
    internal void ApplyMask(Span<float> logits)
    {
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
    internal void Accept(int token)
    {
        if (!AllowedByGrammar(token))
            throw new InvalidOperationException($"Token {token} is not allowed here.");
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
    internal TokenConstraint Fork() => new(vocabulary, state, check?.Fork()) { ended = ended };

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
