using AgentKit.Models.Constraints.Automata;
using AgentKit.Models.Constraints.Tokens;

namespace AgentKit.Models.Constraints;

/// <summary>
/// Free text in which constrained parts begin at triggers, as tool calls in the answer of a model that may call tools or not. It is an
/// ordinary grammar: a trigger may be split over tokens or share a token with what follows it.
/// </summary>
internal static class LazyGrammar
{
    /// <summary>Builds the grammar.</summary>
    /// <param name="vocabulary">Tells which triggers are control tokens.</param>
    /// <param name="parts">The triggers with what must follow each of them.</param>
    /// <param name="atLeast">How many parts there must be; with 1 the first part starts at once, without free text before it.</param>
    /// <param name="atMost">How many parts there may be; after the last one no trigger may occur. <c>null</c>: any number.</param>
    /// <param name="textAfter">Whether free text may follow a part; otherwise only white space and further parts.</param>
    internal static GrammarExpression Build(
        TokenVocabulary vocabulary, IReadOnlyList<LazyPart> parts, int atLeast = 0, int? atMost = null, bool textAfter = true)
    {
        var stops = parts.Select(p => vocabulary.Spell(p.Trigger)).ToArray();
        var at = parts.Select((p, i) => Grammar.Sequence(new GrammarExpression.Bytes(stops[i]), p.Body)).ToArray();
        var blank = Grammar.Repeat(Grammar.OneOf(" \n"), 0, 4);
        var free = parts.Select((p, i) => Grammar.Sequence(FreeText.UpTo(stops, i), p.Body)).ToArray();
        var next = textAfter ? Grammar.Choice(free) : Grammar.Sequence(blank, Grammar.Choice(at));
        var end = textAfter ? FreeText.Without(stops) : blank;
        if (atLeast > 0)
            return Grammar.Sequence(Grammar.Choice(at), Grammar.Repeat(next, atLeast - 1, atMost - 1), end);
        // Before the first part any text is fine, even when none may follow one.
        var first = Grammar.Choice(free);
        return Grammar.Choice(FreeText.Without(stops), Grammar.Sequence(first, Grammar.Repeat(next, 0, atMost - 1), end));
    }
}

/// <summary>A constrained part of otherwise free text.</summary>
/// <param name="Trigger">The text or control token that begins it.</param>
/// <param name="Body">What must follow the trigger.</param>
internal sealed record LazyPart(string Trigger, GrammarExpression Body);
