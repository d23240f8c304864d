namespace AgentKit.Models.Engine;

/// <summary>Whether a request may start.</summary>
internal enum Admission
{
    /// <summary>It has its id and its room.</summary>
    Admitted,

    /// <summary>The KV memory cannot hold it beside what runs.</summary>
    NoRoom,

    /// <summary>Its beginning is being computed for another request and will be shared.</summary>
    WaitForBeginning,
}
