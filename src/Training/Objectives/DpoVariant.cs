namespace AgentKit.Training.Objectives;

/// <summary>How the margin of a pair becomes a loss.</summary>
public enum DpoVariant
{
    /// <summary>−ln σ of the scaled margin, with label smoothing where asked for.</summary>
    Sigmoid,

    /// <summary>The squared distance of the margin, per token, to 1 / 2β.</summary>
    Ipo,

    /// <summary>max(0, 1 − scaled margin).</summary>
    Hinge,
}
