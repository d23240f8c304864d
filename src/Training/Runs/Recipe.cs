using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>What one kind of training adds to <see cref="TrainingRun"/>.</summary>
internal abstract class Recipe
{
    /// <summary>The name in the adapter's notes.</summary>
    public abstract string Objective { get; }

    /// <summary>The head that is trained beside the adapter.</summary>
    public virtual HeadKind Head => HeadKind.None;

    /// <summary>Reads and checks all data, before anything else is done.</summary>
    public abstract RunData Read(RunReader reader);

    /// <summary>Makes ready what each step needs.</summary>
    public abstract Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data);
}
