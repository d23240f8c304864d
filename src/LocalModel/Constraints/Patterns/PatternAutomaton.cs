using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Patterns;

/// <summary>
/// Turns a regular expression into the automaton of all texts in which it is found, by Thompson's construction and the subset construction.
/// </summary>
internal sealed class PatternAutomaton
{
    private const int MostSteps = 4_000;

    private static readonly PatternNode Anything = new PatternNode.Repeated(new PatternNode.One(CharSet.All), 0, null);

    private readonly List<(CharSet? Set, int[] Targets)> steps = [];

    /// <exception cref="UnsupportedPatternException">
    /// Anchors or look-ahead stand where an automaton cannot follow, or it is too large.
    /// </exception>
    internal static Dfa Build(PatternNode pattern)
    {
        var (conditions, rest) = LeadingLookAheads(pattern);
        var automaton = Determinise(Anchored(rest, atStart: true, atEnd: true));
        foreach (var condition in conditions)
        {
            // What stands in a look-ahead begins where it stands, and ends anywhere.
            var ahead = Determinise(Anchored(condition.Item, atStart: false, atEnd: true));
            automaton = Guarded(() => automaton.Intersect(condition.IsNegative ? ahead.Complement() : ahead));
        }

        return automaton;
    }

    /// <summary><c>^(?=…)(?!…)rest</c>: conditions on the whole text, each an automaton of its own.</summary>
    private static (List<PatternNode.LookAhead> Conditions, PatternNode Remainder) LeadingLookAheads(PatternNode pattern)
    {
        if (pattern is not PatternNode.InOrder { Items: [PatternNode.Anchor { IsStart: true } start, ..] items })
            return ([], pattern);
        var conditions = items.Skip(1).TakeWhile(i => i is PatternNode.LookAhead).Cast<PatternNode.LookAhead>().ToList();
        return (conditions, new PatternNode.InOrder([start, .. items.Skip(1 + conditions.Count)]));
    }

    /// <summary>Replaces anchors by their absence: where no anchor holds the edge of the text, anything may stand.</summary>
    private static PatternNode Anchored(PatternNode node, bool atStart, bool atEnd)
    {
        if (!node.HasAnchor)
            return new PatternNode.InOrder([.. Unless(!atStart), node, .. Unless(!atEnd)]);
        switch (node)
        {
            case PatternNode.Anchor anchor when anchor.IsStart ? atStart : atEnd:
                return (anchor.IsStart ? atEnd : atStart) ? Anything : new PatternNode.InOrder([]);
            case PatternNode.AnyOf choice:
                return new PatternNode.AnyOf([.. choice.Items.Select(i => Anchored(i, atStart, atEnd))]);
            case PatternNode.InOrder sequence:
                return AnchoredSequence([.. sequence.Items], atStart, atEnd);
            default:
                throw new UnsupportedPatternException(node is PatternNode.LookAhead ? "look-ahead inside a pattern" : "anchors inside a pattern");
        }
    }

    private static PatternNode[] Unless(bool held) => held ? [] : [Anything];

    private static PatternNode AnchoredSequence(List<PatternNode> items, bool atStart, bool atEnd)
    {
        var (held, closed) = (false, false);
        for (; atStart && items is [PatternNode.Anchor { IsStart: true }, ..]; held = true)
            items.RemoveAt(0);
        for (; atEnd && items is [.., PatternNode.Anchor { IsStart: false }]; closed = true)
            items.RemoveAt(items.Count - 1);
        (atStart, atEnd) = (atStart && !held, atEnd && !closed);
        if (items.Count == 1)
            return Anchored(items[0], atStart, atEnd);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].HasAnchor)
            {
                var (first, last) = (i == 0 && atStart, i == items.Count - 1 && atEnd);
                items[i] = Anchored(items[i], first, last);
                (atStart, atEnd) = (atStart && !first, atEnd && !last);
            }
        }

        return Anchored(new PatternNode.InOrder(items), atStart, atEnd);
    }

    private static Dfa Guarded(Func<Dfa> build)
    {
        try
        {
            return build();
        }
        catch (UserInputException)
        {
            throw new UnsupportedPatternException($"an automaton of more than {Dfa.MostStates:N0} states");
        }
    }

    private static Dfa Determinise(PatternNode node)
    {
        var steps = new PatternAutomaton();
        var end = steps.Add(null, []);
        var start = steps.Add(node, end);
        var classes = CharSet.Partition(steps.steps.Where(s => s.Set is not null).Select(s => s.Set!));
        return Guarded(() => Dfa.Explore(
            new StepSet(steps.Close([start])),
            set => classes
                .Select(c => (Class: c, Target: new StepSet(steps.Close(steps.Move(set.Steps, c)))))
                .Where(edge => edge.Target.Steps.Length > 0)
                .GroupBy(edge => edge.Target)
                .Select(g => (CharSet.Of(g.SelectMany(e => e.Class.Ranges.ToArray())), g.Key)),
            set => set.Steps.Contains(end)));
    }

    private IEnumerable<int> Move(int[] from, CharSet characters) =>
        from.Where(s => steps[s].Set?.Contains(characters.Ranges[0].First) ?? false).Select(s => steps[s].Targets[0]);

    private int Add(CharSet? set, int[] targets)
    {
        if (steps.Count >= MostSteps)
            throw new UnsupportedPatternException($"a pattern of more than {MostSteps:N0} steps");
        steps.Add((set, targets));
        return steps.Count - 1;
    }

    private int Add(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.One one:
                return Add(one.Set, [next]);
            case PatternNode.InOrder sequence:
                return sequence.Items.Reverse().Aggregate(next, (after, item) => Add(item, after));
            case PatternNode.AnyOf choice:
                return Add(null, [.. choice.Items.Select(i => Add(i, next))]);
            default:
                return AddRepeated((PatternNode.Repeated)node, next);
        }
    }

    private int AddRepeated(PatternNode.Repeated repeated, int next)
    {
        var start = next;
        if (repeated.Maximum is { } maximum)
        {
            for (var i = repeated.Minimum; i < maximum; i++)
                start = Add(null, [Add(repeated.Item, start), next]);
        }
        else
        {
            start = Add(null, []);
            steps[start] = (null, [Add(repeated.Item, start), next]);
        }

        for (var i = 0; i < repeated.Minimum; i++)
            start = Add(repeated.Item, start);
        return start;
    }

    private int[] Close(IEnumerable<int> from)
    {
        var seen = new HashSet<int>(from);
        var open = new Stack<int>(seen);
        while (open.TryPop(out var step))
        {
            foreach (var target in steps[step].Set is null ? steps[step].Targets : [])
            {
                if (seen.Add(target))
                    open.Push(target);
            }
        }

        // Steps without a set are only ways to others, except the end, which has no way on.
        return [.. seen.Where(s => steps[s].Set is not null || steps[s].Targets.Length == 0).Order()];
    }

    private readonly struct StepSet(int[] steps) : IEquatable<StepSet>
    {
        internal int[] Steps { get; } = steps;

        public bool Equals(StepSet other) => Steps.AsSpan().SequenceEqual(other.Steps);

        public override bool Equals(object? obj) => obj is StepSet other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var step in Steps)
                hash.Add(step);
            return hash.ToHashCode();
        }
    }
}
