using System.Numerics.Tensors;

namespace AgentKit.Models.Engine;

/// <summary>Log-probabilities from logits.</summary>
internal static class LogProbabilities
{
    private const int Chunk = 1024;

    /// <summary>The log-probability of a token beside the most likely ones.</summary>
    /// <param name="logits">One unmodified row, [vocab].</param>
    /// <param name="token">The token.</param>
    /// <param name="top">How many of the most likely tokens to list.</param>
    /// <param name="tokenizer">For the tokens' texts.</param>
    public static TokenLogProbability Of(ReadOnlySpan<float> logits, int token, int top, Tokenizer tokenizer)
    {
        double logSum = LogSumExp(logits);
        List<TokenAlternative> alternatives = [];
        foreach (int index in MostLikely(logits, top))
        {
            alternatives.Add(new(index, tokenizer.Decode([index]), logits[index] - logSum));
        }

        return new(token, tokenizer.Decode([token]), logits[token] - logSum, alternatives);
    }

    /// <summary>log Σ exp(x), summed in double precision: a sum of 152,000 floats would lose digits that perplexities show.</summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        Span<float> part = stackalloc float[Chunk];
        double sum = 0;
        for (int i = 0; i < logits.Length; i += Chunk)
        {
            Span<float> values = part[..Math.Min(Chunk, logits.Length - i)];
            TensorPrimitives.Subtract(logits.Slice(i, values.Length), max, values);
            TensorPrimitives.Exp<float>(values, values);
            sum += TensorPrimitives.Sum<float>(values);
        }

        return max + Math.Log(sum);
    }

    private static IEnumerable<int> MostLikely(ReadOnlySpan<float> logits, int count)
    {
        PriorityQueue<int, (float, int)> best = new();
        for (int i = 0; i < logits.Length && count > 0; i++)
        {
            // Of equal ones the first counts as more likely, as for greedy decoding.
            (float, int) rank = (logits[i], -i);
            if (best.Count < count)
            {
                best.Enqueue(i, rank);
            }
            else
            {
                best.EnqueueDequeue(i, rank);
            }
        }

        int[] ascending = new int[best.Count];
        for (int i = 0; i < ascending.Length; i++)
        {
            ascending[i] = best.Dequeue();
        }

        return ascending.Reverse();
    }
}
