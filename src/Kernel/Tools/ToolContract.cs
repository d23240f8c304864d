using Microsoft.Extensions.AI;

namespace AgentKit.Kernel.Tools;

/// <summary>What a tool declares about being run again and about its effect on the world.</summary>
/// <param name="Replay">What may be done with a call whose outcome is unknown.</param>
/// <param name="SideEffect">The strongest effect of a call.</param>
public sealed record ToolContract(ToolReplay Replay, SideEffect SideEffect)
{
    /// <summary>Key in <see cref="AITool.AdditionalProperties"/> whose value is a <see cref="ToolReplay"/>.</summary>
    public const string ReplayKey = "agentkit.replay";

    /// <summary>Key in <see cref="AITool.AdditionalProperties"/> whose value is a <see cref="Tools.SideEffect"/>.</summary>
    public const string SideEffectKey = "agentkit.side_effect";

    /// <summary>What holds for a tool that declares nothing: the careful assumption.</summary>
    public static ToolContract Undeclared { get; } = new(ToolReplay.Unsafe, SideEffect.Irreversible);

    /// <summary>Reads what a tool declares; a missing part counts as <see cref="Undeclared"/>.</summary>
    /// <param name="tool">The tool, possibly wrapped by delegating functions that pass its properties on.</param>
    public static ToolContract Of(AIFunction tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        var properties = tool.AdditionalProperties;
        return new(
            properties.TryGetValue(ReplayKey, out var replay) && replay is ToolReplay declared ? declared : Undeclared.Replay,
            properties.TryGetValue(SideEffectKey, out var effect) && effect is SideEffect strongest ? strongest : Undeclared.SideEffect);
    }

    /// <summary>The entries a tool puts into its <see cref="AITool.AdditionalProperties"/>.</summary>
    public IReadOnlyDictionary<string, object?> ToProperties() =>
        new Dictionary<string, object?>(StringComparer.Ordinal) { [ReplayKey] = Replay, [SideEffectKey] = SideEffect };
}
