namespace AgentKit.Models.Pruning;

/// <summary>How the importance of a weight is judged.</summary>
public enum PruneMethod
{
    /// <summary>|W_ij| · ‖X_j‖₂, compared among the inputs of one output (Sun et al. 2023, eq. 1): a small weight on a loud input stays.</summary>
    Wanda = 0,

    /// <summary>|W_ij|, compared within one matrix: the baseline that needs no text.</summary>
    Magnitude = 1,
}
