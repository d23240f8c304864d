using System.Runtime.CompilerServices;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Everything a grammar can still do after some text: a set of configurations. Equal sets are one object, transitions are remembered,
/// so walking known text costs one array look-up a byte. Safe to use from several threads.
/// </summary>
internal sealed class GrammarState
{
    private readonly GrammarMachine? machine;
    private readonly GrammarState?[] next;
    private volatile StrongBox<ByteSet>? selfLoop;
    private int forcedByte = NotComputed;
    private int openChoice = NotComputed;

    private const int NotComputed = -2;

    internal GrammarState(GrammarMachine? machine, Configuration[] configurations, bool isAccepting, DistinctMark marks)
    {
        (this.machine, Configurations, IsAccepting, Marks) = (machine, configurations, isAccepting, marks);
        next = new GrammarState?[machine?.ClassCount ?? 0];
    }

    /// <summary>The state from which nothing can be matched.</summary>
    internal static GrammarState Dead { get; } = new(null, [], false, DistinctMark.None);

    internal Configuration[] Configurations { get; }

    /// <summary>The text so far is complete.</summary>
    internal bool IsAccepting { get; }

    /// <summary>What was passed with the last byte.</summary>
    internal DistinctMark Marks { get; }

    internal bool IsDead => ReferenceEquals(this, Dead);

    /// <summary>The text so far is complete and nothing can follow.</summary>
    internal bool IsFinal => IsAccepting && Configurations.Length == 0;

    /// <summary>The answer of <see cref="GrammarMachine.Canonical(GrammarState, int)"/>, once asked for.</summary>
    internal CanonicalState? Canonical { get; set; }

    internal GrammarState CanonicalFor(int reach) => machine?.Canonical(this, reach) ?? this;

    internal GrammarState Next(byte value)
    {
        if (machine is null)
            return this;
        var byteClass = machine.Classes[value];
        return Volatile.Read(ref next[byteClass]) ?? machine.Step(this, byteClass);
    }

    internal GrammarState Next(ReadOnlySpan<byte> text)
    {
        var state = this;
        foreach (var value in text)
        {
            state = state.Next(value);
            if (state.IsDead)
                break;
        }

        return state;
    }

    internal void Remember(int byteClass, GrammarState state) => Volatile.Write(ref next[byteClass], state);

    internal void Forget() => Array.Clear(next);

    /// <summary>The fewest bytes that complete the text.</summary>
    internal int BytesToFinish
    {
        get
        {
            if (IsAccepting)
                return 0;
            var fewest = Loop.Unreachable;
            foreach (var configuration in Configurations)
                fewest = Math.Min(fewest, machine!.CostOf(configuration));
            return fewest;
        }
    }

    /// <summary>The bytes that lead back to this very state.</summary>
    internal ByteSet SelfLoop
    {
        get
        {
            if (selfLoop is { } known)
                return known.Value;
            var set = new ByteSet();
            for (var value = 0; value < 256; value++)
            {
                if (ReferenceEquals(Next((byte)value), this))
                    set = set.With((byte)value);
            }

            selfLoop = new StrongBox<ByteSet>(set);
            return set;
        }
    }

    /// <summary>The only byte that can follow; -1 when several can, or when the text may end here.</summary>
    internal int ForcedByte
    {
        get
        {
            if (forcedByte == NotComputed)
                forcedByte = FindForcedByte();
            return forcedByte;
        }
    }

    /// <summary>Several bytes can follow without reaching the end of a name or item that must be distinct.</summary>
    internal bool HasOpenChoice
    {
        get
        {
            if (openChoice == NotComputed)
            {
                openChoice = Enumerable.Range(0, 256).Select(b => Next((byte)b))
                    .Count(s => !s.IsDead && !s.Marks.HasFlag(DistinctMark.Ended));
            }

            return openChoice > 1;
        }
    }

    private int FindForcedByte()
    {
        if (IsAccepting)
            return -1;
        var only = -1;
        for (var value = 0; value < 256; value++)
        {
            if (Next((byte)value).IsDead)
                continue;
            if (only >= 0)
                return -1;
            only = value;
        }

        return only;
    }
}

/// <summary>A state that allows and forbids the same within <paramref name="Reach"/> bytes, shared by as many states as possible.</summary>
internal sealed record CanonicalState(GrammarState State, int Reach);
