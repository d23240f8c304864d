using System.Text.Json;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>Says how good an answer is. Implementations are called by several threads at once.</summary>
public abstract class Reward
{
    /// <summary>The name in configurations and metrics.</summary>
    public abstract string Name { get; }

    /// <summary>The field of a row's <c>reward</c> object that holds what is expected; <c>null</c> when nothing is and every row can be judged.</summary>
    public virtual string? Field => Name;

    /// <summary>What else its judgement depends on, such as a limit; a run is resumed with the same only. Empty for none.</summary>
    public virtual string Settings => "";

    /// <summary>Why an expectation cannot be used; <c>null</c> when it can.</summary>
    /// <param name="expected">The value of <see cref="Field"/>.</param>
    public virtual string? Fault(JsonElement expected) => null;

    /// <summary>Judges an answer.</summary>
    /// <param name="prompt">What was asked, with the tools that were offered.</param>
    /// <param name="expected">The value of <see cref="Field"/>; undefined where there is no field.</param>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Usually 0 to 1.</returns>
    public abstract ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken);
}
