namespace AgentKit.Training.Optimization;

/// <summary>The learning rate of each step: a straight line up while warming up, then down as <paramref name="Kind"/> says.</summary>
/// <param name="Peak">The largest rate.</param>
/// <param name="Steps">All steps.</param>
/// <param name="WarmupSteps">Steps until the largest rate is reached.</param>
/// <param name="Kind">What comes after.</param>
/// <param name="LeastRatio">The last step's rate as a share of the largest.</param>
public sealed record LearningRateSchedule(double Peak, int Steps, int WarmupSteps = 0, ScheduleKind Kind = ScheduleKind.Cosine, double LeastRatio = 0)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 1.</param>
    public double At(int step)
    {
        if (step <= WarmupSteps) return Peak * step / WarmupSteps;
        double done = Steps > WarmupSteps ? Math.Min(1, (double)(step - WarmupSteps) / (Steps - WarmupSteps)) : 1;
        double share = Kind switch
        {
            ScheduleKind.Cosine => (1 + Math.Cos(Math.PI * done)) / 2,
            ScheduleKind.Linear => 1 - done,
            _ => 1,
        };
        return Peak * (LeastRatio + ((1 - LeastRatio) * share));
    }
}
