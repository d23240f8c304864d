namespace AgentKit.Training.Pretraining;

/// <summary>The sizes of a model that is trained from nothing.</summary>
public sealed record ModelSizes
{
    private static readonly string[] Architectures = ["llama", "qwen3"];

    /// <value><c>llama</c> or <c>qwen3</c> (which norms queries and keys). Default <c>llama</c>.</value>
    public string Architecture
    {
        get;
        init => field = Architectures.Contains(value) ? value : throw new ArgumentOutOfRangeException(nameof(Architecture), value, string.Join(" or ", Architectures));
    } = "llama";

    /// <value>Blocks; 1 to 256. Default 4.</value>
    public int Layers { get; init => field = Within(value, 1, 256, nameof(Layers)); } = 4;

    /// <value>Width of the residual stream, a multiple of 32 so that the model can be quantized; 32 to 16,384. Default 256.</value>
    public int Embedding { get; init => field = Multiple(Within(value, 32, 16_384, nameof(Embedding)), nameof(Embedding)); } = 256;

    /// <value>Query heads; 1 to 256. Default 4.</value>
    public int Heads { get; init => field = Within(value, 1, 256, nameof(Heads)); } = 4;

    /// <value>Key and value heads, a divisor of <see cref="Heads"/>; 1 to 256. Default 4.</value>
    public int KvHeads { get; init => field = Within(value, 1, 256, nameof(KvHeads)); } = 4;

    /// <value>Width of the feed-forward block, a multiple of 32; 32 to 65,536. Default 768.</value>
    public int FeedForward { get; init => field = Multiple(Within(value, 32, 65_536, nameof(FeedForward)), nameof(FeedForward)); } = 768;

    /// <value>Most tokens the model sees at once; 16 to 32,768. Default 256.</value>
    public int Context { get; init => field = Within(value, 16, 32_768, nameof(Context)); } = 256;

    /// <value>Whether one matrix is embedding and output. Default <c>true</c>: small models have no room for two.</value>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Width of a head.</summary>
    public int HeadLength => Embedding / Heads;

    /// <summary>Weights in all.</summary>
    /// <param name="vocabulary">Tokens.</param>
    public long Parameters(int vocabulary) => NonEmbeddingParameters + ((long)vocabulary * Embedding * (TiedEmbeddings ? 1 : 2));

    /// <summary>Weights without embedding and output matrix: the N of scaling laws (Kaplan et al. 2020, section 2.1).</summary>
    public long NonEmbeddingParameters
    {
        get
        {
            long keys = (long)HeadLength * KvHeads, norms = (2L * Embedding) + (Architecture == "qwen3" ? 2L * HeadLength : 0);
            long attention = (2L * Embedding * Embedding) + (2 * Embedding * keys), feedForward = 3L * Embedding * FeedForward;
            return Embedding + (Layers * (attention + feedForward + norms));
        }
    }

    /// <summary>What keeps these sizes from making a model; <c>null</c> when nothing does.</summary>
    internal string? Misfit =>
        Embedding % Heads != 0 ? $"embedding {Embedding} cannot be shared among {Heads} heads"
        : HeadLength % 2 != 0 ? $"heads of {HeadLength} have no pairs to rotate; an even width is needed"
        : Heads % KvHeads != 0 ? $"{Heads} heads cannot share {KvHeads} kv_heads; a divisor is needed"
        : null;

    private static int Within(int value, int least, int most, string name) =>
        value >= least && value <= most ? value : throw new ArgumentOutOfRangeException(name, value, $"{least} to {most}");

    private static int Multiple(int value, string name) => value % 32 == 0 ? value : throw new ArgumentOutOfRangeException(name, value, "a multiple of 32");
}
