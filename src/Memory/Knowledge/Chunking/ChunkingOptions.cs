namespace AgentKit.Memory.Knowledge.Chunking;

/// <summary>How documents are cut into chunks.</summary>
public sealed record ChunkingOptions
{
    /// <summary>Most tokens of a chunk: by the tokenizer given, else by a careful estimate.</summary>
    /// <value>32 to 8,192.</value>
    public int MaxTokens
    {
        get;
        init => field = value is >= 32 and <= 8192 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "32..8192");
    } = 400;

    /// <summary>Tokens of whole sentences at the end of a chunk that are repeated at the beginning of the next one of its section.</summary>
    /// <value>0 to 1,024; less than half of <see cref="MaxTokens"/> has an effect.</value>
    public int OverlapTokens
    {
        get;
        init => field = value is >= 0 and <= 1024 ? value : throw new ArgumentOutOfRangeException(nameof(OverlapTokens), value, "0..1024");
    } = 48;
}
