using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Store;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>Makes the vectors that are missing, some chunks at a time; each group is kept as soon as it is made.</summary>
internal static class EmbeddingPass
{
    private const int ChunksAtOnce = 64;

    /// <exception cref="UserInputException">The embedder gives vectors of no or different lengths.</exception>
    public static async Task RunAsync(
        VectorWriter writer,
        IEmbeddingGenerator<string, Embedding<float>> embedder,
        IProgress<IngestProgress>? progress,
        CancellationToken cancellationToken)
    {
        int total = writer.CountMissing();
        long last = 0;
        for (int done = 0; done < total && writer.Missing(last, ChunksAtOnce) is { Count: > 0 } chunks; done += chunks.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            GeneratedEmbeddings<Embedding<float>> made =
                await embedder.GenerateAsync(chunks.Select(chunk => chunk.Text), cancellationToken: cancellationToken).ConfigureAwait(false);
            if (made.Count != chunks.Count)
                throw new UserInputException("Embedder", $"The embedder gave {made.Count} vectors for {chunks.Count} texts.");
            writer.Put([.. chunks.Zip(made, (chunk, vector) => (chunk.Chunk, Normalized(vector.Vector.Span)))]);
            last = chunks[^1].Chunk;
            progress?.Report(new IngestProgress(IngestPhase.Embedding, done + chunks.Count, total));
        }
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
}
