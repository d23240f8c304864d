namespace AgentKit.Training.Tokenization;

/// <summary>How a vocabulary is trained.</summary>
public sealed record BpeOptions
{
    /// <summary>What a document ends with.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <value>Tokens wanted, the 256 bytes and <see cref="Special"/> included; 257 to 1,000,000. Default 8,192.</value>
    public int Vocabulary
    {
        get;
        init => field = value is >= 257 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(Vocabulary), value, "257 to 1,000,000");
    } = 8192;

    /// <value>How often a pair must be there to become a token; 1 or more. Default 2.</value>
    public int LeastCount
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(LeastCount), value, "1 or more");
    } = 2;

    /// <value>Tokens that are never cut and never made from text. By default those of the ChatML format.</value>
    public IReadOnlyList<string> Special { get; init; } = [EndOfText, "<|im_start|>", "<|im_end|>"];
}
