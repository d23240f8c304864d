namespace AgentKit.Training.Optimization;

/// <summary>How the learning rate changes after warming up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine down to the least rate (Loshchilov and Hutter 2017, SGDR, equation 5, without restarts).</summary>
    Cosine,

    /// <summary>A straight line down to the least rate.</summary>
    Linear,

    /// <summary>Not at all.</summary>
    Constant,
}
