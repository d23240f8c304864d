using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Turns expressions into a <see cref="GrammarProgram"/>. Works from the end to the front: every piece is told which node follows it.
/// </summary>
internal sealed class GrammarCompiler
{
    private const int MostNodes = 2_000_000;
    private const int MostRules = 20_000;

    private readonly List<Node> nodes = [];
    private readonly List<GrammarRule> rules = [];
    private readonly Dictionary<GrammarRule, int> ruleIds = [];
    private readonly Emptiness emptiness;
    private readonly int end;

    private GrammarCompiler(GrammarRule root)
    {
        emptiness = new Emptiness(Reachable(root));
        end = Add(new Node(NodeKind.End));
        RuleId(root);
    }

    internal static GrammarProgram Compile(GrammarExpression root)
    {
        var compiler = new GrammarCompiler(new GrammarRule("root").Define(root));
        var starts = new List<int>();
        // Compiling a rule may meet further ones.
        for (var rule = 0; rule < compiler.rules.Count; rule++)
            starts.Add(compiler.Compile(compiler.rules[rule].Body!, compiler.end));
        return new GrammarProgram([.. compiler.nodes], [.. starts], [.. compiler.rules.Select(r => r.Name)]);
    }

    private static HashSet<GrammarRule> Reachable(GrammarRule root)
    {
        var found = new HashSet<GrammarRule> { root };
        var open = new Stack<GrammarExpression>([root.Body!]);
        while (open.TryPop(out var expression))
        {
            IEnumerable<GrammarExpression> parts = expression switch
            {
                GrammarExpression.InOrder sequence => sequence.Items,
                GrammarExpression.AnyOf choice => choice.Items,
                GrammarExpression.Looped loop => loop.Bodies,
                GrammarRule { Body: null } rule =>
                    throw new UserInputException("grammar", $"The rule '{rule.Name}' is used but not defined."),
                GrammarRule rule => found.Add(rule) ? [rule.Body] : [],
                _ => [],
            };
            foreach (var part in parts)
                open.Push(part);
        }

        return found.Count <= MostRules
            ? found
            : throw new UserInputException("grammar", $"The grammar has {found.Count:N0} rules; at most {MostRules:N0} are allowed.");
    }

    private int Add(Node node)
    {
        if (nodes.Count >= MostNodes)
            throw new UserInputException("grammar", $"The grammar is too large: more than {MostNodes:N0} nodes.");
        nodes.Add(node);
        return nodes.Count - 1;
    }

    private int RuleId(GrammarRule rule)
    {
        if (!ruleIds.TryGetValue(rule, out var id))
        {
            ruleIds[rule] = id = rules.Count;
            rules.Add(rule);
        }

        return id;
    }

    /// <summary>
    /// Adds nodes that match <paramref name="expression"/> and then go on at <paramref name="next"/>; returns the first of them.
    /// </summary>
    private int Compile(GrammarExpression expression, int next)
    {
        switch (expression)
        {
            case GrammarExpression.Bytes bytes:
                for (var i = bytes.Value.Length - 1; i >= 0; i--)
                    next = Add(new Node(NodeKind.Bytes) { Edges = [new ByteEdge(bytes.Value[i], bytes.Value[i], next)] });
                return next;
            case GrammarExpression.OneByte set:
                return Add(new Node(NodeKind.Bytes) { Edges = [.. set.Ranges.Select(r => new ByteEdge(r.Low, r.High, next))] });
            case GrammarExpression.OneCharacter character:
                return CompileCharacter(character.Set, next);
            case GrammarExpression.InOrder sequence:
                for (var i = sequence.Items.Length - 1; i >= 0; i--)
                    next = Compile(sequence.Items[i], next);
                return next;
            case GrammarExpression.AnyOf choice:
                return choice.Items.Length == 1
                    ? Compile(choice.Items[0], next)
                    : Add(new Node(NodeKind.Split) { Targets = [.. choice.Items.Select(item => Compile(item, next))] });
            case GrammarExpression.Looped { Loop: RepeatLoop repeat } loop:
                return CompileRepeat(repeat, loop.Bodies[0], next);
            case GrammarExpression.Looped loop:
                var bodies = loop.Bodies.Select(body => Compile(body, end));
                return Add(new Node(NodeKind.Loop) { Loop = loop.Loop, Next = next, Targets = [.. bodies] });
            case GrammarExpression.Marked marked:
                return Add(new Node(NodeKind.Mark) { Mark = marked.Mark, Next = next });
            case GrammarExpression.OfAutomaton automaton:
                return CompileAutomaton(automaton, next);
            default:
                return Add(new Node(NodeKind.Call) { Rule = RuleId((GrammarRule)expression), Next = next });
        }
    }

    private int CompileRepeat(RepeatLoop repeat, GrammarExpression body, int next)
    {
        (repeat, body) = emptiness.Normalise(repeat, body);
        switch (repeat.Minimum, repeat.Maximum)
        {
            case (_, 0):
                return next;
            case (1, 1):
                return Compile(body, next);
            case (0, 1):
                return Add(new Node(NodeKind.Split) { Targets = [Compile(body, next), next] });
            case (0 or 1, null):
                // A plain circle needs no stack.
                var again = new Node(NodeKind.Split);
                var id = Add(again);
                var start = Compile(body, id);
                again.Targets = [start, next];
                return repeat.Minimum == 0 ? id : start;
            default:
                return Add(new Node(NodeKind.Loop) { Loop = repeat, Next = next, Targets = [Compile(body, end)] });
        }
    }

    private int CompileAutomaton(GrammarExpression.OfAutomaton automaton, int next)
    {
        var states = automaton.Automaton.States;
        var splits = new Node[states.Count];
        var ids = new int[states.Count];
        for (var s = 0; s < states.Count; s++)
            ids[s] = Add(splits[s] = new Node(NodeKind.Split));
        for (var s = 0; s < states.Count; s++)
        {
            var targets = states[s].Edges.Select(e => Compile(automaton.Encode(e.Set), ids[e.Target]));
            splits[s].Targets = states[s].IsAccepting ? [.. targets, next] : [.. targets];
        }

        return ids[0];
    }

    private int CompileCharacter(CharSet set, int next)
    {
        var edges = new List<ByteEdge>();
        var tails = new Dictionary<ByteEdge, int>();
        foreach (var (first, last) in set.Ranges)
        {
            foreach (var sequence in Utf8Ranges.Of(first, last))
            {
                var target = next;
                for (var i = sequence.Length - 1; i > 0; i--)
                    target = SharedTail(new ByteEdge(sequence[i].Low, sequence[i].High, target));
                edges.Add(new ByteEdge(sequence[0].Low, sequence[0].High, target));
            }
        }

        return Add(new Node(NodeKind.Bytes) { Edges = [.. edges] });

        int SharedTail(ByteEdge edge)
        {
            if (!tails.TryGetValue(edge, out var node))
                tails[edge] = node = Add(new Node(NodeKind.Bytes) { Edges = [edge] });
            return node;
        }
    }
}
