namespace AgentKit.Training.Objectives;

/// <summary>How the tokens' losses become one.</summary>
public enum GrpoVariant
{
    /// <summary>Mean over completions of each completion's mean over its tokens.</summary>
    Grpo,

    /// <summary>Sum over all tokens, divided by their number.</summary>
    Dapo,

    /// <summary>Sum over all tokens, divided by completions × the largest length a completion may have.</summary>
    DrGrpo,
}
