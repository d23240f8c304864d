using AgentKit.Models.Gguf;

namespace AgentKit.Models.Sampling;

/// <summary>The sampling a model's makers recommend in its metadata; greedy when they recommend nothing. The seed is fixed, so answers repeat.</summary>
internal static class RecommendedSampling
{
    public static SamplingOptions From(GgufFile file)
    {
        double? Number(string name) => file.FindNumber($"general.sampling.{name}") is { } value && double.IsFinite(value) ? value : null;
        return new()
        {
            Temperature = (float)Math.Clamp(Number("temp") ?? 0, 0, 100),
            TopK = (int)Math.Clamp(Number("top_k") ?? 0, 0, int.MaxValue),
            TopP = Number("top_p") is > 0 and <= 1 and var p ? (float)p : 1,
            MinP = Number("min_p") is >= 0 and <= 1 and var m ? (float)m : 0,
            RepetitionPenalty = Number("penalty_repeat") is > 0 and <= 100 and var r ? (float)r : 1,
        };
    }
}
