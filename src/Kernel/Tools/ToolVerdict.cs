namespace AgentKit.Kernel.Tools;

/// <summary>What a verifiable tool says about a call whose outcome is unknown.</summary>
public sealed record ToolVerdict
{
    private ToolVerdict(bool? took, string? result) => (TookEffect, Result) = (took, result);

    /// <summary>Whether the call took effect; <c>null</c> when the tool cannot tell.</summary>
    public bool? TookEffect { get; }

    /// <summary>The call's result, if it took effect.</summary>
    public string? Result { get; }

    /// <summary>The call has had no effect and may be run.</summary>
    public static ToolVerdict NoEffect { get; } = new(false, null);

    /// <summary>Nobody can tell; a person decides.</summary>
    public static ToolVerdict CannotTell { get; } = new(null, null);

    /// <summary>The call took effect; it is not run again.</summary>
    /// <param name="result">Its result, as text for the model.</param>
    public static ToolVerdict Effect(string result) => new(true, result);
}
