using System.Runtime.InteropServices;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Runs a program as a set of configurations, and remembers every set it has met: a deterministic automaton built as it is needed
/// (its number of states is bounded; when the bound is reached, the memory starts anew).
/// </summary>
internal sealed class GrammarMachine
{
    private const int MostStates = 100_000;

    /// <summary>More readings of one text than this are not followed: the grammar is then far too ambiguous to be meant so.</summary>
    private const int MostConfigurations = 5_000;

    private readonly GrammarProgram program;
    private readonly byte[] representatives;
    private readonly Lock gate = new();
    private readonly Dictionary<(Frame? Parent, int Node, LoopValue? Value), Frame> frames = [];
    private readonly Dictionary<StateKey, GrammarState> states = [];
    private readonly HashSet<Configuration> seen = [];
    private readonly Stack<Configuration> open = [];
    private readonly List<(int Body, LoopValue Value)> steps = [];
    private long nextFrameId;

    internal GrammarMachine(GrammarProgram program)
    {
        this.program = program;
        HasMarks = program.Nodes.Any(n => n.Kind == NodeKind.Mark);
        (Classes, representatives) = ClassifyBytes(program);
        Start = Close([new Configuration(program.RuleStarts[0], null)]);
    }

    internal GrammarState Start { get; }

    /// <summary>For each byte its class: bytes of a class are treated alike everywhere.</summary>
    internal byte[] Classes { get; }

    /// <summary>Whether anything must be told apart that states cannot remember.</summary>
    internal bool HasMarks { get; }

    internal int ClassCount => representatives.Length;

    internal int CostOf(Configuration configuration) =>
        Math.Min(program.Costs[configuration.Node] + (configuration.Stack?.Cost ?? 0), Loop.Unreachable);

    /// <summary>The state after a byte of the given class; remembered in <paramref name="from"/>.</summary>
    internal GrammarState Step(GrammarState from, int byteClass)
    {
        var value = representatives[byteClass];
        lock (gate)
        {
            var moved = new List<Configuration>();
            foreach (var (node, stack) in from.Configurations)
            {
                foreach (var edge in program.Nodes[node].Edges)
                {
                    if (value >= edge.Low && value <= edge.High)
                        moved.Add(new Configuration(edge.Target, stack));
                }
            }

            var state = moved.Count == 0 ? GrammarState.Dead : Close(moved);
            from.Remember(byteClass, state);
            return state;
        }
    }

    /// <summary>
    /// A state that allows and forbids the same for the next <paramref name="reach"/> bytes; far away ends of loops are not told apart.
    /// </summary>
    internal GrammarState Canonical(GrammarState state, int reach)
    {
        if (state.IsDead)
            return state;
        if (state.Canonical is { } known && known.Reach == reach)
            return known.State;
        lock (gate)
        {
            var configurations = state.Configurations.Select(c => c with { Stack = Canonical(c.Stack, reach) });
            var canonical = Intern([.. configurations.Distinct()], state.IsAccepting, state.Marks);
            state.Canonical = new CanonicalState(canonical, reach);
            return canonical;
        }
    }

    /// <summary>From the bottom of the stack upwards, without recursion: stacks are as deep as the model nests its text.</summary>
    private Frame? Canonical(Frame? frame, int reach)
    {
        var above = new Stack<Frame>();
        for (; frame is not null && frame.Canonical?.Reach != reach; frame = frame.Parent)
            above.Push(frame);
        var parent = frame?.Canonical!.Frame;
        while (above.TryPop(out frame))
        {
            var value = frame.Value is { } during ? program.Nodes[frame.Node].Loop!.Saturate(during, reach) : (LoopValue?)null;
            parent = Push(parent, frame.Node, value);
            frame.Canonical = new CanonicalFrame(parent, reach);
        }

        return parent;
    }

    /// <summary>Follows everything that consumes nothing, until only nodes that consume a byte are left.</summary>
    private GrammarState Close(List<Configuration> starts)
    {
        seen.Clear();
        open.Clear();
        var (accepting, marks, waiting) = (false, DistinctMark.None, new List<Configuration>());
        foreach (var start in starts)
            Visit(start);
        while (open.TryPop(out var configuration))
        {
            var (id, stack) = configuration;
            var node = program.Nodes[id];
            switch (node.Kind)
            {
                case NodeKind.Bytes:
                    waiting.Add(configuration);
                    break;
                case NodeKind.Split:
                    foreach (var target in node.Targets)
                        Visit(new Configuration(target, stack));
                    break;
                case NodeKind.Mark:
                    marks |= node.Mark;
                    Visit(new Configuration(node.Next, stack));
                    break;
                case NodeKind.Call:
                    // A call in last place needs no frame: this keeps right recursion flat.
                    var isLast = program.Nodes[node.Next].Kind == NodeKind.End;
                    Visit(new Configuration(program.RuleStarts[node.Rule], isLast ? stack : Push(stack, node.Next, null)));
                    break;
                case NodeKind.Loop:
                    Iterate(id, node.Loop!.Start, stack);
                    break;
                case NodeKind.End when stack is null:
                    accepting = true;
                    break;
                case NodeKind.End when stack!.Value is { } value:
                    Iterate(stack.Node, value, stack.Parent);
                    break;
                default:
                    Visit(new Configuration(stack!.Node, stack.Parent));
                    break;
            }
        }

        return Intern([.. waiting], accepting, marks);
    }

    private void Iterate(int loopNode, LoopValue value, Frame? stack)
    {
        var node = program.Nodes[loopNode];
        var loop = node.Loop!;
        if (loop.CanExit(value))
            Visit(new Configuration(node.Next, stack));
        steps.Clear();
        loop.Next(value, steps);
        foreach (var (body, during) in steps)
        {
            var canFinish = node.BodyCosts[body] < Loop.Unreachable && loop.Remaining(during, node.BodyCosts) < Loop.Unreachable;
            if (canFinish)
                Visit(new Configuration(node.Targets[body], Push(stack, loopNode, during)));
        }
    }

    private void Visit(Configuration configuration)
    {
        // Pruning keeps dead ends out of splits and bytes; a call or a loop's end can still be one.
        if (program.Costs[configuration.Node] >= Loop.Unreachable || !seen.Add(configuration))
            return;
        if (seen.Count > MostConfigurations)
        {
            throw new UserInputException(
                "grammar", $"The grammar is too ambiguous: one text can be read in more than {MostConfigurations:N0} ways at once.");
        }

        open.Push(configuration);
    }

    private Frame Push(Frame? parent, int node, LoopValue? value)
    {
        ref var frame = ref CollectionsMarshal.GetValueRefOrAddDefault(frames, (parent, node, value), out _);
        return frame ??= new Frame(nextFrameId++, parent, node, value, CostOf(parent, node, value));
    }

    private int CostOf(Frame? parent, int node, LoopValue? value)
    {
        var at = program.Nodes[node];
        var own = value is { } during ? at.Loop!.Remaining(during, at.BodyCosts) + program.Costs[at.Next] : program.Costs[node];
        return Math.Min(own + (parent?.Cost ?? 0), Loop.Unreachable);
    }

    private GrammarState Intern(Configuration[] configurations, bool accepting, DistinctMark marks)
    {
        if (configurations.Length == 0 && !accepting)
            return GrammarState.Dead;
        Array.Sort(configurations, static (a, b) => a.Node != b.Node ? a.Node.CompareTo(b.Node) : IdOf(a).CompareTo(IdOf(b)));
        if (states.Count >= MostStates)
            StartAnew();
        var key = new StateKey(configurations, accepting, marks);
        if (!states.TryGetValue(key, out var state))
            states[key] = state = new GrammarState(this, configurations, accepting, marks);
        return state;
    }

    private static long IdOf(Configuration configuration) => configuration.Stack?.Id ?? -1;

    /// <summary>Forgets the transitions too: through them every state would stay reachable from the first one.</summary>
    private void StartAnew()
    {
        foreach (var state in states.Values)
            state.Forget();
        Start.Forget();
        states.Clear();
        frames.Clear();
    }

    private static (byte[] Classes, byte[] Representatives) ClassifyBytes(GrammarProgram program)
    {
        var boundary = new bool[257];
        foreach (var edge in program.Nodes.SelectMany(n => n.Edges))
            (boundary[edge.Low], boundary[edge.High + 1]) = (true, true);
        var classes = new byte[256];
        var representatives = new List<byte> { 0 };
        for (var value = 1; value < 256; value++)
        {
            if (boundary[value])
                representatives.Add((byte)value);
            classes[value] = (byte)(representatives.Count - 1);
        }

        return (classes, [.. representatives]);
    }

    private readonly struct StateKey(Configuration[] configurations, bool accepting, DistinctMark marks) : IEquatable<StateKey>
    {
        private readonly Configuration[] configurations = configurations;
        private readonly bool accepting = accepting;
        private readonly DistinctMark marks = marks;

        public bool Equals(StateKey other) =>
            accepting == other.accepting && marks == other.marks && configurations.AsSpan().SequenceEqual(other.configurations);

        public override bool Equals(object? obj) => obj is StateKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(accepting);
            hash.Add(marks);
            foreach (var (node, stack) in configurations)
            {
                hash.Add(node);
                hash.Add(stack?.Id ?? -1);
            }

            return hash.ToHashCode();
        }
    }
}
