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

    /// <summary>Key in <see cref="AITool.AdditionalProperties"/> whose value is an <see cref="ApprovalAnswer"/>.</summary>
    public const string ApprovalKey = "agentkit.approval";

    /// <summary>Key in <see cref="AITool.AdditionalProperties"/> whose value is a <see cref="ToolVerifier"/>.</summary>
    public const string VerifierKey = "agentkit.verifier";

    /// <summary>Key in <see cref="AITool.AdditionalProperties"/> whose value says where the tool comes from.</summary>
    public const string ServerKey = "agentkit.server";

    /// <summary>What holds for a tool that declares nothing: the careful assumption.</summary>
    public static ToolContract Undeclared { get; } = new(ToolReplay.Unsafe, SideEffect.Irreversible) { IsDeclared = false };

    /// <summary>The care the tool itself asks for; <c>null</c> when its side effect is to decide.</summary>
    public ApprovalAnswer? Approval { get; init; }

    /// <summary>Says whether an interrupted call took effect; a <see cref="ToolReplay.Verifiable"/> tool has one.</summary>
    public ToolVerifier? Verifier { get; init; }

    /// <summary>Where the tool comes from: an MCP server as it was connected to. <c>null</c> for the program's own functions.</summary>
    public string? Server { get; init; }

    /// <summary>Whether the tool says anything about its side effect.</summary>
    public bool IsDeclared { get; private init; } = true;

    /// <summary>Whether a call only computes or reads.</summary>
    public bool IsHarmless => Replay is ToolReplay.Pure || SideEffect is SideEffect.None or SideEffect.LocalRead or SideEffect.NetworkRead;

    /// <summary>Reads what a tool declares; a missing part counts as <see cref="Undeclared"/>.</summary>
    /// <param name="tool">The tool, possibly wrapped by delegating functions that pass its properties on.</param>
    public static ToolContract Of(AIFunction tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        IReadOnlyDictionary<string, object?> properties = tool.AdditionalProperties;
        return new(
            Value<ToolReplay>(properties, ReplayKey) ?? Undeclared.Replay,
            Value<SideEffect>(properties, SideEffectKey) ?? Undeclared.SideEffect)
        {
            Approval = Value<ApprovalAnswer>(properties, ApprovalKey),
            Verifier = properties.GetValueOrDefault(VerifierKey) as ToolVerifier,
            Server = properties.GetValueOrDefault(ServerKey) as string,
            IsDeclared = Value<SideEffect>(properties, SideEffectKey) is not null || Value<ToolReplay>(properties, ReplayKey) is not null,
        };
    }

    /// <summary>The entries a tool puts into its <see cref="AITool.AdditionalProperties"/>.</summary>
    public IReadOnlyDictionary<string, object?> ToProperties()
    {
        var properties = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (IsDeclared) (properties[ReplayKey], properties[SideEffectKey]) = (Replay, SideEffect);
        if (Approval is { } approval) properties[ApprovalKey] = approval;
        if (Verifier is not null) properties[VerifierKey] = Verifier;
        if (Server is not null) properties[ServerKey] = Server;
        return properties;
    }

    /// <summary>A tool that declares this contract in place of its own.</summary>
    /// <param name="tool">The tool; keeps its name, schema and other properties.</param>
    public AIFunction Apply(AIFunction tool) => new ContractedTool(tool, this);

    private static T? Value<T>(IReadOnlyDictionary<string, object?> properties, string key)
        where T : struct => properties.GetValueOrDefault(key) as T?;
}
