namespace AgentKit.Cli.Output;

/// <summary>The document printed with <c>--json</c> when a command could not give its result.</summary>
internal sealed record ErrorJson(ErrorJson.Details Error)
{
    /// <summary>What went wrong; <paramref name="Field"/> names the option at fault, if one is.</summary>
    internal sealed record Details(string? Field, string Message);
}
