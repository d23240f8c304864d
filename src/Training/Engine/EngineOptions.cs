namespace AgentKit.Training.Engine;

/// <summary>How training uses the machine.</summary>
public sealed record EngineOptions
{
    /// <value>Threads, 1 to 512; <c>null</c>: as many as this process has CPUs. One more than there are free cores makes training many times slower.</value>
    public int? Threads
    {
        get;
        init => field = value is null or (>= 1 and <= 512) ? value : throw new ArgumentOutOfRangeException(nameof(Threads), value, "1 to 512");
    }

    /// <value>Positions whose logits are computed at once, 1 to 4096; the memory is this × vocabulary × 4 bytes. Default 256.</value>
    public int HeadChunk
    {
        get;
        init => field = value is >= 1 and <= 4096 ? value : throw new ArgumentOutOfRangeException(nameof(HeadChunk), value, "1 to 4096");
    } = 256;

    /// <value>
    /// Most bytes for what the blocks compute in the forward pass, kept for the backward pass; where a pack needs more, it is computed anew (gradient checkpointing), which
    /// takes a third to a half longer. Logits are kept too where they need no more than a quarter of it, and the way back needs room of its own. 0 or more; default 1 GiB.
    /// </value>
    public long KeptBytes
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(KeptBytes), value, "0 or more");
    } = 1L << 30;

    /// <value>
    /// Most bytes for attention's scores and their derivatives at once. Where the samples of a pack need more, 16 × heads × tokens² bytes each, queries are taken in blocks
    /// of 16 or more, and the backward pass computes their scores anew. Scores that stay in the caches are also computed faster. Above 0; default 32 MiB.
    /// </value>
    public long AttentionBytes
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(AttentionBytes), value, "above 0");
    } = 1L << 25;

    /// <value>Whether the first GPU computes instead of the CPU; then an operation that it does not have is refused. Default <c>false</c>.</value>
    public bool Gpu { get; init; }

    /// <value>How matrices in single precision are multiplied on the CPU. Default <see cref="ProductPath.Auto"/>.</value>
    public ProductPath Products { get; init; }

    /// <value>Whether a scalar head is trained beside the adapter, which scores whole samples. Default <c>false</c>.</value>
    public bool ScoreHead { get; init; }

    /// <value>
    /// Whether a scalar head is trained beside the adapter that says before each prediction what is still to be earned; it begins with zeros. Not together with
    /// <see cref="ScoreHead"/>. Default <c>false</c>.
    /// </value>
    public bool ValueHead { get; init; }

    internal HeadKind Head => ValueHead ? HeadKind.Value : ScoreHead ? HeadKind.Score : HeadKind.None;
}
