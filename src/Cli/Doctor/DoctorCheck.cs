namespace AgentKit.Cli.Doctor;

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Ok">It is as it should be.</param>
/// <param name="Found">What was found.</param>
/// <param name="Mend">The command or step that mends it, when it is not.</param>
/// <param name="Required">Nothing works without it: <c>doctor</c> fails when it is not ok.</param>
internal sealed record DoctorCheck(string Name, bool Ok, string Found, string? Mend = null, bool Required = true);
