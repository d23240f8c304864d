using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge;

/// <summary>
/// Contexts for chunks: a model reads a chunk and the document around it and says in a sentence or two where it stands and what it is about. The
/// context is searched with the chunk, by word and by vector; it is no part of its text and cannot be cited (Anthropic 2024, Contextual Retrieval).
/// One call for each chunk; a chunk that stays as it is, or is met again as it was, costs none.
/// </summary>
/// <param name="Model">The model that is asked.</param>
public sealed record EnrichmentOptions(IChatClient Model)
{
    /// <summary>Names the model: contexts by another one are made anew. When not given, what its metadata says.</summary>
    public string ModelName
    {
        get => field ?? (Model.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId ?? Model.GetType().Name;
        init;
    }

    /// <summary>
    /// Characters of the document that the model is shown beside the chunk: all of it when it has no more, else its beginning and what is around
    /// the chunk; half of that, and so on, where the model says that the question does not fit. They come first in the prompt and are the same for
    /// neighbouring chunks, so that a local model reads them once.
    /// </summary>
    /// <value>500 to 1,000,000.</value>
    public int DocumentCharacters
    {
        get;
        init => field = value is >= 500 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(DocumentCharacters), value, "500..1000000");
    } = 6000;

    /// <summary>Most tokens of a context.</summary>
    /// <value>16 to 1,024.</value>
    public int MaxTokens
    {
        get;
        init => field = value is >= 16 and <= 1024 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "16..1024");
    } = 120;

    /// <summary>Chunks that the model is asked about together; what they gave is kept together.</summary>
    /// <value>1 to 64.</value>
    public int AtOnce
    {
        get;
        init => field = value is >= 1 and <= 64 ? value : throw new ArgumentOutOfRangeException(nameof(AtOnce), value, "1..64");
    } = 4;
}
