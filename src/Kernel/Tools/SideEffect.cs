namespace AgentKit.Kernel.Tools;

/// <summary>The strongest effect a tool has on the world, from weakest to strongest.</summary>
public enum SideEffect
{
    /// <summary>Computes only.</summary>
    None,

    /// <summary>Reads this machine's files or state.</summary>
    LocalRead,

    /// <summary>Changes this machine's files or state.</summary>
    LocalWrite,

    /// <summary>Reads over the network.</summary>
    NetworkRead,

    /// <summary>Changes something over the network.</summary>
    NetworkWrite,

    /// <summary>Cannot be undone: sends mail, pays, deletes. The default for tools that declare nothing.</summary>
    Irreversible,
}
