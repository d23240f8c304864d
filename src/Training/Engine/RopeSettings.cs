namespace AgentKit.Training.Engine;

/// <summary>How positions are rotated into keys and queries.</summary>
/// <param name="Dimensions">Elements of a head that are rotated.</param>
/// <param name="Mode">ggml's number: 0 for neighbouring pairs (llama), 2 for halves (NEOX: qwen).</param>
/// <param name="OriginalContext">Tokens of context before any stretching.</param>
/// <param name="FrequencyBase">θ.</param>
/// <param name="FrequencyScale">1, or 1 / factor where positions are stretched linearly.</param>
/// <param name="Magnitude">What rotated elements are multiplied with; 1 but for LongRoPE.</param>
internal sealed record RopeSettings(int Dimensions, int Mode, int OriginalContext, float FrequencyBase, float FrequencyScale, float Magnitude);
