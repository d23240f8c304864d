using System.Diagnostics;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Tells which expressions match the empty text, and rewrites them so that they do not. Loops run bodies without the empty text only:
/// then every iteration consumes something and no configuration can turn in place for ever.
/// </summary>
internal sealed class Emptiness
{
    private readonly HashSet<GrammarRule> emptyRules = [];
    private readonly Dictionary<GrammarRule, GrammarRule> rewritten = [];

    internal Emptiness(IReadOnlyCollection<GrammarRule> rules)
    {
        for (var changed = true; changed;)
            changed = rules.Count(r => !emptyRules.Contains(r) && MatchesEmpty(r.Body!) && emptyRules.Add(r)) > 0;
    }

    internal bool MatchesEmpty(GrammarExpression expression) => expression switch
    {
        GrammarRule rule => emptyRules.Contains(rule),
        GrammarExpression.Bytes bytes => bytes.Value.Length == 0,
        GrammarExpression.Marked => true,
        GrammarExpression.InOrder sequence => sequence.Items.All(MatchesEmpty),
        GrammarExpression.AnyOf choice => choice.Items.Any(MatchesEmpty),
        GrammarExpression.Looped loop => loop.Loop.CanExit(loop.Loop.Start) || (loop.Loop is RepeatLoop && MatchesEmpty(loop.Bodies[0])),
        GrammarExpression.OfAutomaton automaton => automaton.Automaton.AcceptsEmpty,
        _ => false,
    };

    /// <summary>The same texts except the empty one.</summary>
    internal GrammarExpression WithoutEmpty(GrammarExpression expression)
    {
        if (!MatchesEmpty(expression))
            return expression;
        return expression switch
        {
            GrammarRule rule => WithoutEmpty(rule),
            GrammarExpression.InOrder sequence => WithoutEmpty(sequence.Items),
            GrammarExpression.AnyOf choice => new GrammarExpression.AnyOf([.. choice.Items.Select(WithoutEmpty)]),
            GrammarExpression.Looped { Loop: RepeatLoop repeat } loop =>
                new GrammarExpression.Looped(
                    new RepeatLoop(MatchesEmpty(loop.Bodies[0]) ? 1 : Math.Max(1, repeat.Minimum), repeat.Maximum), loop.Bodies),
            GrammarExpression.OfAutomaton automaton =>
                new GrammarExpression.OfAutomaton(automaton.Automaton.WithoutEmpty(), automaton.Encode),
            GrammarExpression.Looped => throw new UnreachableException("Only repetitions stand inside repetitions without a separator."),
            _ => new GrammarExpression.AnyOf([]),
        };
    }

    /// <summary>What a repeated body that may be empty amounts to: any shorter count of it without the empty text.</summary>
    internal (RepeatLoop Loop, GrammarExpression Body) Normalise(RepeatLoop repeat, GrammarExpression body) =>
        MatchesEmpty(body) ? (new RepeatLoop(0, repeat.Maximum), WithoutEmpty(body)) : (repeat, body);

    private GrammarRule WithoutEmpty(GrammarRule rule)
    {
        if (!rewritten.TryGetValue(rule, out var copy))
        {
            rewritten[rule] = copy = new GrammarRule(rule.Name);
            copy.Define(WithoutEmpty(rule.Body!));
        }

        return copy;
    }

    /// <summary>Either the first item is not empty, or it is left out and the rest is not empty.</summary>
    private GrammarExpression.AnyOf WithoutEmpty(GrammarExpression[] items)
    {
        var alternatives = new List<GrammarExpression>();
        for (var i = 0; i < items.Length; i++)
            alternatives.Add(new GrammarExpression.InOrder([WithoutEmpty(items[i]), .. items[(i + 1)..]]));
        return new GrammarExpression.AnyOf([.. alternatives]);
    }
}
