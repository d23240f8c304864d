using System.Buffers;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// Holds one sequence to a grammar. The engine samples freely, asks <see cref="Allows"/> for the sampled token, and only when that is refused
/// applies the mask and samples again; then it tells the token with <see cref="Accept"/>. Used by one thread at a time.
/// </summary>
internal sealed class TokenConstraint
{
    private readonly TokenVocabulary vocabulary;
    private GrammarState state;
    private bool ended;

    internal TokenConstraint(TokenVocabulary vocabulary, Grammar grammar)
        : this(vocabulary, grammar.Start)
    {
    }

    private TokenConstraint(TokenVocabulary vocabulary, GrammarState state) => (this.vocabulary, this.state) = (vocabulary, state);

    /// <summary>The text so far is complete: the generation may end here.</summary>
    internal bool IsComplete => ended || state.IsAccepting;

    /// <summary>Nothing but the end can follow.</summary>
    internal bool IsFinished => ended || state.IsFinal;

    /// <summary>The fewest bytes that would complete the text; a guide for ending within a token budget.</summary>
    internal int BytesToFinish => ended ? 0 : state.BytesToFinish;

    /// <summary>Whether the token may come next; microseconds.</summary>
    internal bool Allows(int token) =>
        !ended && (vocabulary.EndsGeneration(token) ? state.IsAccepting : vocabulary.Piece(token) is { IsEmpty: false } piece && !state.Next(piece).IsDead);

    /// <summary>Sets the logits of all tokens that may not come next to negative infinity.</summary>
    /// <param name="logits">A row of logits by token id.</param>
    /// <exception cref="UserInputException">No token of the vocabulary can continue the text, for example because it lacks a byte.</exception>
    internal void ApplyMask(Span<float> logits)
    {
        var mask = vocabulary.MaskOf(state);
        if (ended || mask.Count == 0)
        {
            throw new UserInputException(
                "grammar", "No token of the model's vocabulary can continue the text as the grammar demands; the grammar uses characters the model cannot write.");
        }

        mask.Apply(logits);
    }

    /// <summary>Moves on by a token.</summary>
    /// <exception cref="InvalidOperationException">The token is not allowed here.</exception>
    internal void Accept(int token)
    {
        if (!Allows(token))
            throw new InvalidOperationException($"Token {token} is not allowed here.");
        if (vocabulary.EndsGeneration(token))
            ended = true;
        else
            state = state.Next(vocabulary.Piece(token));
    }

    /// <summary>The text that must follow because there is no choice, up to <paramref name="limit"/> bytes; it may be fed to the model without sampling.</summary>
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
        var next = ended ? GrammarState.Dead : state.Next(text);
        state = next.IsDead ? throw new InvalidOperationException("The text is not allowed here.") : next;
    }

    /// <summary>A second constraint at the same place, for drafts that may be taken back.</summary>
    internal TokenConstraint Fork() => new(vocabulary, state) { ended = ended };
}
