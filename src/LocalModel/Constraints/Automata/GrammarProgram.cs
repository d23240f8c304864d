using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>A compiled grammar: nodes, where each rule starts, and the fewest bytes from every node to the end of its rule.</summary>
internal sealed class GrammarProgram
{
    internal GrammarProgram(Node[] nodes, int[] ruleStarts, string[] ruleNames)
    {
        (Nodes, RuleStarts) = (nodes, ruleStarts);
        Costs = ComputeCosts();
        if (Costs[ruleStarts[0]] >= Loop.Unreachable)
            throw new UserInputException("grammar", "The grammar matches no text at all: something it requires can never be written, or never ends.");
        RefuseLeftRecursion(ruleNames);
        Prune();
    }

    internal Node[] Nodes { get; }

    /// <summary>The first node of each rule; rule 0 is the root.</summary>
    internal int[] RuleStarts { get; }

    /// <summary>
    /// For each node the fewest bytes to the end of its rule or body; <see cref="Loop.Unreachable"/> when there is no way.
    /// </summary>
    internal int[] Costs { get; }

    private int[] ComputeCosts()
    {
        var costs = new int[Nodes.Length];
        Array.Fill(costs, Loop.Unreachable);
        for (var changed = true; changed;)
        {
            changed = false;
            for (var n = 0; n < Nodes.Length; n++)
            {
                var cost = CostOf(Nodes[n], costs);
                changed |= cost < costs[n];
                costs[n] = Math.Min(cost, costs[n]);
            }
        }

        return costs;
    }

    private int CostOf(Node node, int[] costs)
    {
        switch (node.Kind)
        {
            case NodeKind.End:
                return 0;
            case NodeKind.Split:
                return node.Targets.Length == 0 ? Loop.Unreachable : node.Targets.Min(t => costs[t]);
            case NodeKind.Bytes:
                return node.Edges.Length == 0 ? Loop.Unreachable : Sum(1, node.Edges.Min(e => costs[e.Target]));
            case NodeKind.Mark:
                return costs[node.Next];
            case NodeKind.Call:
                return Sum(costs[RuleStarts[node.Rule]], costs[node.Next]);
            default:
                node.BodyCosts = [.. node.Targets.Select(t => costs[t])];
                return Sum(node.Loop!.Remaining(node.Loop.Start, node.BodyCosts), costs[node.Next]);
        }
    }

    private static int Sum(int a, int b) => Math.Min(a + b, Loop.Unreachable);

    /// <summary>Takes away what leads nowhere, so that no reachable configuration is a dead end.</summary>
    private void Prune()
    {
        foreach (var node in Nodes)
        {
            node.Edges = [.. node.Edges.Where(e => Costs[e.Target] < Loop.Unreachable)];
            if (node.Kind == NodeKind.Split)
                node.Targets = [.. node.Targets.Where(t => Costs[t] < Loop.Unreachable)];
        }
    }

    private void RefuseLeftRecursion(string[] names)
    {
        var calls = RuleStarts.Select(FirstCalls).ToArray();
        // Rules that call no remaining rule first cannot be part of a cycle; what is left when none can be taken away contains one.
        var callers = new List<int>[calls.Length];
        var open = new int[calls.Length];
        for (var rule = 0; rule < calls.Length; rule++)
        {
            open[rule] = calls[rule].Count;
            foreach (var called in calls[rule])
                (callers[called] ??= []).Add(rule);
        }

        var free = new Stack<int>(Enumerable.Range(0, calls.Length).Where(r => open[r] == 0));
        while (free.TryPop(out var rule))
        {
            foreach (var caller in (callers[rule] ?? []).Where(c => --open[c] == 0))
                free.Push(caller);
        }

        var start = Array.FindIndex(open, o => o > 0);
        if (start < 0)
            return;
        var path = new List<int>();
        for (var rule = start; !path.Contains(rule); rule = calls[rule].First(r => open[r] > 0))
            path.Add(rule);
        path.Add(calls[path[^1]].First(r => open[r] > 0));
        var cycle = path.SkipWhile(r => r != path[^1]).Select(r => names[r]);
        throw new UserInputException(
            "grammar", $"Left recursion: {string.Join(" → ", cycle)}. A rule must consume something before it refers to itself.");
    }

    /// <summary>The rules that can be entered from <paramref name="start"/> before any byte is consumed.</summary>
    private HashSet<int> FirstCalls(int start)
    {
        var calls = new HashSet<int>();
        var seen = new HashSet<int> { start };
        var open = new Stack<int>(seen);
        while (open.TryPop(out var n))
        {
            var node = Nodes[n];
            IEnumerable<int> next = node.Kind switch
            {
                NodeKind.Split => node.Targets,
                NodeKind.Mark => [node.Next],
                NodeKind.Loop => node.Loop!.CanExit(node.Loop.Start) ? node.Targets.Append(node.Next) : node.Targets,
                NodeKind.Call when Costs[RuleStarts[node.Rule]] == 0 => [node.Next],
                _ => [],
            };
            if (node.Kind == NodeKind.Call)
                calls.Add(node.Rule);
            foreach (var target in next.Where(seen.Add))
                open.Push(target);
        }

        return calls;
    }
}
