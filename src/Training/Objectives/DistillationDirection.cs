namespace AgentKit.Training.Objectives;

/// <summary>Which of the two distributions the divergence is weighted by.</summary>
public enum DistillationDirection
{
    /// <summary>KL(teacher‖student): the student covers all the teacher may say.</summary>
    Forward,

    /// <summary>KL(student‖teacher): the student says only what the teacher would.</summary>
    Reverse,
}
