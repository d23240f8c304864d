namespace AgentKit.Training.Data;

/// <summary>What becomes of samples with more tokens than allowed. Whatever it is, the report names their lines.</summary>
public enum LongRows
{
    /// <summary>They are faults: nothing is trained until they are gone.</summary>
    Refuse,

    /// <summary>They are left out.</summary>
    Skip,

    /// <summary>Their end is cut off; those with nothing left to learn are left out.</summary>
    Cut,
}
