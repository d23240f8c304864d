namespace AgentKit.Eval.Metrics;

/// <summary>The program whose numbers BLEU, chrF and TER reproduce.</summary>
internal static class SacreBleu
{
    /// <summary>The end of a signature: scores of this version are equal to ours.</summary>
    public const string Version = "version:2.6.0";
}
