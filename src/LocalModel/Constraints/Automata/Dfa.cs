using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>One state of a <see cref="Dfa"/>: disjoint sets of characters and where they lead; a character in no set is refused.</summary>
internal sealed record DfaState(IReadOnlyList<(CharSet Set, int Target)> Edges, bool IsAccepting);

/// <summary>
/// A deterministic automaton over characters: a regular language that can be intersected and complemented. State 0 is the start; every
/// state leads to an end.
/// </summary>
internal sealed class Dfa
{
    /// <summary>More states than this are refused; the caller reports what it cannot enforce.</summary>
    internal const int MostStates = 20_000;

    private Dfa(IReadOnlyList<DfaState> states) => States = states;

    internal IReadOnlyList<DfaState> States { get; }

    internal bool AcceptsEmpty => States[0].IsAccepting;

    /// <summary>No text at all is in the language.</summary>
    internal bool IsEmpty => States.Count == 1 && !States[0].IsAccepting && States[0].Edges.Count == 0;

    /// <summary>Every text.</summary>
    internal static Dfa All { get; } = new([new DfaState([(CharSet.All, 0)], true)]);

    /// <summary>
    /// The automaton of an implicit one: explores the states reachable from <paramref name="start"/>, and drops those from which no end can
    /// be reached. <paramref name="edges"/> must give disjoint sets.
    /// </summary>
    /// <exception cref="UserInputException">There are more than <see cref="MostStates"/> states.</exception>
    internal static Dfa Explore<T>(T start, Func<T, IEnumerable<(CharSet Set, T Target)>> edges, Func<T, bool> accepts)
        where T : notnull
    {
        var ids = new Dictionary<T, int> { [start] = 0 };
        var order = new List<T> { start };
        var states = new List<DfaState>();
        for (var s = 0; s < order.Count; s++)
        {
            var found = new List<(CharSet, int)>();
            foreach (var (set, target) in edges(order[s]))
            {
                if (set.IsEmpty)
                    continue;
                if (!ids.TryGetValue(target, out var id))
                {
                    ids[target] = id = order.Count;
                    order.Add(target);
                }

                found.Add((set, id));
            }

            if (order.Count > MostStates)
                throw new UserInputException("grammar", $"A text condition needs more than {MostStates:N0} states.");
            states.Add(new DfaState(found, accepts(order[s])));
        }

        return Trim(states);
    }

    /// <summary>These texts and no others.</summary>
    internal static Dfa OfTexts(IEnumerable<string> texts)
    {
        var all = texts.Select(t => t.EnumerateRunes().Select(r => r.Value).ToArray()).ToArray();
        // A state is the texts that share what was read: the first of them and how much of it was read stand for all.
        return Explore(
            (First: 0, Length: 0),
            s => Sharing(s).Where(t => all[t].Length > s.Length).GroupBy(t => all[t][s.Length])
                .Select(g => (CharSet.Single(g.Key), (g.First(), s.Length + 1))),
            s => Sharing(s).Any(t => all[t].Length == s.Length));

        IEnumerable<int> Sharing((int First, int Length) state) => Enumerable.Range(0, all.Length)
            .Where(t => all[t].AsSpan().StartsWith(all.Length == 0 ? default : all[state.First].AsSpan(0, state.Length)));
    }

    /// <summary>Every text that does not contain this one.</summary>
    /// <remarks>A state is how much of the text the end of what was read has in common with its beginning (Knuth, Morris and Pratt 1977).</remarks>
    internal static Dfa Without(string text)
    {
        var scalars = text.EnumerateRunes().Select(r => r.Value).ToArray();
        var letters = scalars.Distinct().ToArray();
        var others = CharSet.Of(letters.Select(c => (c, c))).Complement();
        return Explore(
            0,
            matched => letters.Select(c => (Set: CharSet.Single(c), Target: Overlap(scalars, matched, c)))
                .Append((Set: others, Target: 0)).Where(edge => edge.Target < scalars.Length)
                .GroupBy(edge => edge.Target).Select(g => (g.Select(edge => edge.Set).Aggregate((a, b) => a.Union(b)), g.Key)),
            _ => true);
    }

    private static int Overlap(int[] scalars, int matched, int next)
    {
        int[] read = [.. scalars[..matched], next];
        for (var length = read.Length; length > 0; length--)
        {
            if (read.AsSpan(read.Length - length).SequenceEqual(scalars.AsSpan(0, length)))
                return length;
        }

        return 0;
    }

    internal bool Matches(string text)
    {
        var state = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            state = Target(state, rune.Value);
            if (state < 0)
                return false;
        }

        return States[state].IsAccepting;
    }

    internal Dfa Intersect(Dfa other) => Explore(
        (A: 0, B: 0),
        s => from a in States[s.A].Edges
             from b in other.States[s.B].Edges
             select (a.Set.Intersect(b.Set), (a.Target, b.Target)),
        s => States[s.A].IsAccepting && other.States[s.B].IsAccepting);

    internal Dfa Complement()
    {
        const int everything = -1;
        return Explore(
            0,
            s => s == everything ? [(CharSet.All, everything)] : [.. States[s].Edges, (Rest(s), everything)],
            s => s == everything || !States[s].IsAccepting);

        CharSet Rest(int state) => CharSet.Of(States[state].Edges.SelectMany(e => e.Set.Ranges.ToArray())).Complement();
    }

    /// <summary>The texts of <paramref name="minimum"/> to <paramref name="maximum"/> characters.</summary>
    internal Dfa WithLength(int minimum, int? maximum)
    {
        var counted = maximum ?? minimum;
        return Explore(
            (State: 0, Length: 0),
            s => maximum is { } most && s.Length >= most
                ? []
                : States[s.State].Edges.Select(e => (e.Set, (e.Target, Math.Min(s.Length + 1, counted)))),
            s => States[s.State].IsAccepting && s.Length >= minimum);
    }

    /// <summary>The lengths of the shortest and the longest text; the latter is <c>null</c> when there is none.</summary>
    internal (int Shortest, int? Longest) Lengths()
    {
        var (shortest, current, seen) = (-1, new HashSet<int> { 0 }, 0);
        // A text longer than the number of states repeats a state, and then there is no longest one.
        for (var length = 0; length <= States.Count; length++)
        {
            if (current.Any(s => States[s].IsAccepting))
            {
                shortest = shortest < 0 ? length : shortest;
                seen = length;
            }

            current = [.. current.SelectMany(s => States[s].Edges.Select(e => e.Target))];
            if (current.Count == 0)
                return (Math.Max(shortest, 0), seen);
        }

        return (Math.Max(shortest, 0), null);
    }

    internal Dfa WithoutEmpty() => Explore(
        -1,
        s => States[Math.Max(s, 0)].Edges,
        s => s >= 0 && States[s].IsAccepting);

    private int Target(int state, int scalar)
    {
        foreach (var (set, target) in States[state].Edges)
        {
            if (set.Contains(scalar))
                return target;
        }

        return -1;
    }

    private static Dfa Trim(List<DfaState> states)
    {
        var callers = new List<int>[states.Count];
        for (var s = 0; s < states.Count; s++)
        {
            foreach (var (_, target) in states[s].Edges)
                (callers[target] ??= []).Add(s);
        }

        var alive = new bool[states.Count];
        var open = new Stack<int>(Enumerable.Range(0, states.Count).Where(s => states[s].IsAccepting));
        while (open.TryPop(out var state))
        {
            if (alive[state])
                continue;
            alive[state] = true;
            foreach (var caller in callers[state] ?? [])
                open.Push(caller);
        }

        alive[0] = true;
        var ids = new int[states.Count];
        for (int s = 0, next = 0; s < states.Count; s++)
            ids[s] = alive[s] ? next++ : -1;
        return new Dfa([.. states.Where((_, s) => alive[s]).Select(s => s with
        {
            Edges = [.. s.Edges.Where(e => alive[e.Target]).Select(e => (e.Set, ids[e.Target]))],
        })]);
    }
}
