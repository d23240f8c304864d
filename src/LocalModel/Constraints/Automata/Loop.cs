namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// The rule by which iterations follow each other: how often, in which order, which body next. Its value lives in the stack frame, so that
/// "{2,500}" or "these ten members in any order" needs no unrolled copies of its body.
/// </summary>
internal abstract class Loop
{
    /// <summary>A cost above every real one: what cannot be finished.</summary>
    internal const int Unreachable = int.MaxValue / 4;

    /// <summary>The value before the first iteration.</summary>
    internal virtual LoopValue Start => new(0, Separated: true);

    /// <summary>Adds the bodies that may run next and the value while they run.</summary>
    internal abstract void Next(LoopValue value, List<(int Body, LoopValue Value)> steps);

    /// <summary>Whether the loop may end after the iterations in <paramref name="value"/>.</summary>
    internal abstract bool CanExit(LoopValue value);

    /// <summary>
    /// The fewest bytes that further iterations need before the loop may end; <see cref="Unreachable"/> when it never may.
    /// <paramref name="costs"/> are the fewest bytes of each body.
    /// </summary>
    internal abstract int Remaining(LoopValue value, int[] costs);

    /// <summary>
    /// A value that allows and forbids the same for the next <paramref name="bytes"/> bytes, equal for as many values as is easy to say.
    /// </summary>
    internal virtual LoopValue Saturate(LoopValue value, int bytes) => value;
}
