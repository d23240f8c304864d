namespace AgentKit.Cli.Doctor;

/// <summary>The document of <c>doctor --json</c>.</summary>
internal sealed record DoctorJson(IReadOnlyList<DoctorCheck> Checks);
