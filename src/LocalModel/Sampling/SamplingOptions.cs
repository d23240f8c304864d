namespace AgentKit.Models.Sampling;

/// <summary>How the next token is chosen from the logits. Filters apply in the order penalties, top-k, top-p, min-p, temperature, as llama.cpp's do.</summary>
internal sealed record SamplingOptions
{
    public static SamplingOptions Greedy { get; } = new();

    /// <summary>0 chooses the most likely token; larger values flatten the distribution.</summary>
    public float Temperature { get; init; }

    /// <summary>Keep the k most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of tokens whose probability reaches p; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Drop tokens less likely than p times the most likely one; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>Divides (multiplies, when negative) the logits of recent tokens; 1 is off. Keskar et al. 2019, section 4.1.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once from the logits of recent tokens.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from the logits of recent tokens once for each occurrence.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>How many of the last tokens, the prompt's included, the penalties look at.</summary>
    public int PenaltyWindow { get; init; } = 64;

    /// <summary>Seed of the random draws; the same seed gives the same tokens for the same logits.</summary>
    public long Seed { get; init; }

    public bool HasPenalties => RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0;
}
