using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Retrieval;

/// <summary>Ranks documents by the cosine of their embeddings with the query's, exactly: every document is looked at.</summary>
internal sealed class EmbeddingIndex
{
    private const int AtOnce = 32;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly List<(string Id, float[] Vector)> _documents = [];

    private EmbeddingIndex(IEmbeddingGenerator<string, Embedding<float>> generator) => _generator = generator;

    /// <param name="generator">Makes vectors of length 1.</param>
    /// <param name="documents">The documents.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<EmbeddingIndex> CreateAsync(
        IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<(string Id, string Text)> documents, CancellationToken cancellationToken)
    {
        var index = new EmbeddingIndex(generator);
        foreach ((string Id, string Text)[] group in documents.Chunk(AtOnce))
        {
            var embedded = await generator.GenerateAsync(group.Select(document => document.Text), cancellationToken: cancellationToken).ConfigureAwait(false);
            index._documents.AddRange(group.Select((document, i) => (document.Id, embedded[i].Vector.ToArray())));
        }

        return index;
    }

    public async Task<IReadOnlyList<string>> RankAsync(string query, int most, CancellationToken cancellationToken)
    {
        float[] vector = (await _generator.GenerateAsync([query], cancellationToken: cancellationToken).ConfigureAwait(false))[0].Vector.ToArray();
        return [.. _documents.OrderByDescending(document => Dot(document.Vector, vector)).Take(most).Select(document => document.Id)];
    }

    private static float Dot(float[] one, float[] other)
    {
        float sum = 0;
        for (int i = 0; i < one.Length; i++) sum += one[i] * other[i];
        return sum;
    }
}
