namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model bench --json</c>. Rates are tokens per second of wall time.</summary>
internal sealed record BenchJson(
    string Model, int PromptTokens, int OutputTokens, double PrefillTps, double DecodeTps, IReadOnlyList<BenchJson.Row> Parallel)
{
    /// <summary>All requests together, with <paramref name="N"/> of them at once.</summary>
    internal sealed record Row(int N, double Tps);
}
