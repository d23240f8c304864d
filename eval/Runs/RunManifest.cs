namespace AgentKit.Eval.Runs;

/// <summary>What a run's folder belongs to: a run is resumed only as what it was.</summary>
/// <param name="Format">1.</param>
/// <param name="Signature">All about model and run that the numbers depend on.</param>
/// <param name="Tasks">The tasks with their signatures.</param>
public sealed record RunManifest(int Format, string Signature, IReadOnlyDictionary<string, string> Tasks)
{
    /// <summary>The version of the files that this library writes.</summary>
    public const int Version = 1;
}
