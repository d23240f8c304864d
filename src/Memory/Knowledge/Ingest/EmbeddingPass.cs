using System.Globalization;
using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Store;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>
/// Makes the vectors that are missing, some chunks at a time; each group is kept as soon as it is made. A chunk that the embedder refuses, because it is
/// too long for it with all that stands around it, has none: it is reported, and the others go on.
/// </summary>
internal sealed class EmbeddingPass(VectorWriter writer, IEmbeddingGenerator<string, Embedding<float>> embedder, IProgress<IngestProgress>? progress)
{
    private const int ChunksAtOnce = 64;

    /// <summary>An embedder that takes none of so many chunks is not asked about thousands more.</summary>
    private const int FailuresBeforeStop = 16;

    private readonly SortedDictionary<string, (int Count, string Message)> _failed = new(StringComparer.Ordinal);
    private int _made;
    private int _refused;

    /// <returns>Documents of which chunks have got no vector.</returns>
    /// <exception cref="UserInputException">The embedder takes no text at all, or gives another number of vectors than there are texts.</exception>
    public async Task<IReadOnlyList<IngestFault>> RunAsync(CancellationToken cancellationToken)
    {
        int total = writer.CountMissing();
        long last = 0;
        for (int done = 0; done < total && writer.Missing(last, ChunksAtOnce) is { Count: > 0 } chunks; done += chunks.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<(long, float[])> vectors = await EmbedAsync(chunks, cancellationToken).ConfigureAwait(false);
            if (vectors.Count > 0) writer.Put(vectors);
            last = chunks[^1].Chunk;
            progress?.Report(new IngestProgress(IngestPhase.Embedding, done + chunks.Count, total));
        }

        return [.. _failed.Select(pair => new IngestFault(pair.Key, $"{Chunks(pair.Value.Count)} no vector: {pair.Value.Message}"))];
    }

    /// <summary>A vector of length 1, so that cosine is a dot product. One of length 0 stays: it is near to nothing.</summary>
    public static float[] Normalized(ReadOnlySpan<float> vector)
    {
        float length = TensorPrimitives.Norm(vector);
        if (!float.IsFinite(length)) throw new UserInputException("Embedder", "The embedder gave a vector with numbers that are not finite.");
        float[] normalized = vector.ToArray();
        if (length > 0) TensorPrimitives.Divide(normalized, length, normalized);
        return normalized;
    }

    private static string Chunks(int count) => count == 1 ? "1 chunk has" : string.Create(CultureInfo.InvariantCulture, $"{count} chunks have");

    private async Task<List<(long, float[])>> EmbedAsync(List<(long Chunk, string Source, string Text)> chunks, CancellationToken cancellationToken)
    {
        try
        {
            List<(long, float[])> vectors = await GenerateAsync(chunks, cancellationToken).ConfigureAwait(false);
            _made += vectors.Count;
            return vectors;
        }
        catch (UserInputException e) when (chunks.Count == 1)
        {
            (int count, string? first) = _failed.GetValueOrDefault(chunks[0].Source);
            _failed[chunks[0].Source] = (count + 1, first ?? e.Message);
            if (++_refused == FailuresBeforeStop && !writer.HasAny() && _made == 0) throw;
            return [];
        }
        catch (UserInputException)
        {
            // One of them is at fault: asked one by one they say which.
        }

        var found = new List<(long, float[])>();
        foreach ((long, string, string) chunk in chunks) found.AddRange(await EmbedAsync([chunk], cancellationToken).ConfigureAwait(false));
        return found;
    }

    private async Task<List<(long, float[])>> GenerateAsync(List<(long Chunk, string Source, string Text)> chunks, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> made =
            await embedder.GenerateAsync(chunks.Select(chunk => chunk.Text), cancellationToken: cancellationToken).ConfigureAwait(false);
        return made.Count == chunks.Count
            ? [.. chunks.Zip(made, (chunk, vector) => (chunk.Chunk, Normalized(vector.Vector.Span)))]
            : throw new UserInputException("Embedder", $"The embedder gave {made.Count} vectors for {chunks.Count} texts.");
    }
}
