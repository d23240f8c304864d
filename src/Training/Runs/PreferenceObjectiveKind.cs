namespace AgentKit.Training.Runs;

/// <summary>What a run learns from pairs of answers.</summary>
public enum PreferenceObjectiveKind
{
    /// <summary><see cref="Objectives.DpoObjective"/>, with the frozen model as the reference.</summary>
    Dpo,

    /// <summary><see cref="Objectives.SimPoObjective"/>, without a reference.</summary>
    SimPo,

    /// <summary><see cref="Objectives.OrpoObjective"/>, without a reference.</summary>
    Orpo,
}
