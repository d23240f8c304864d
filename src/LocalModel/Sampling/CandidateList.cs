using System.Numerics;
using System.Numerics.Tensors;

namespace AgentKit.Models.Sampling;

/// <summary>The tokens still in the draw, most likely first (ties by token id). One key holds both, so sorting is sorting numbers; the buffer is reused.</summary>
internal sealed class CandidateList
{
    /// <summary>In nats below the most likely token; a float's exponential is zero there.</summary>
    private const float Deepest = 128;

    private ulong[] _keys = new ulong[64];
    private float[] _scratch = [];

    public int Count { get; private set; }

    public int Token(int rank) => (int)(uint)_keys[rank];

    public float Logit(int rank)
    {
        uint ordered = ~(uint)(_keys[rank] >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered ^ 0x8000_0000 : ~ordered);
    }

    /// <summary>Keeps the <paramref name="k"/> largest logits.</summary>
    public void TakeTop(ReadOnlySpan<float> logits, int k)
    {
        Reset(k);
        int lanes = Vector<float>.Count;
        for (int i = 0; i < logits.Length; i += lanes)
        {
            // Most blocks hold nothing larger than the smallest candidate, so one comparison skips them.
            bool whole = i + lanes <= logits.Length;
            if (Count < k || !whole || Vector.GreaterThanAny(new Vector<float>(logits[i..]), new Vector<float>(Logit(0))))
            {
                for (int token = i; token < Math.Min(i + lanes, logits.Length); token++)
                {
                    Offer(token, logits[token], k);
                }
            }
        }

        Sort();
    }

    /// <summary>Keeps the smallest set of most likely tokens that holds at least <paramref name="mass"/> of the whole vocabulary's probability.</summary>
    public void TakeMass(ReadOnlySpan<float> logits, float mass)
    {
        float max = TensorPrimitives.Max(logits);
        double wanted = mass * SumOfExponentials(logits, max);
        double gathered = 0;
        for (float depth = 8; gathered < wanted && depth <= Deepest; depth *= 2)
        {
            Gather(logits, max - depth);
            gathered = Sum(max, 1);
        }

        Sort();
        Cut(wanted);
    }

    /// <summary>Keeps all tokens with at least this logit, the most likely first and the others in the order of their ids.</summary>
    public void TakeAbove(ReadOnlySpan<float> logits, float floor)
    {
        Gather(logits, Math.Max(floor, TensorPrimitives.Max(logits) - Deepest));
        Swap(0, _keys.AsSpan(0, Count).IndexOf(TensorPrimitives.Min<ulong>(_keys.AsSpan(0, Count))));
    }

    /// <summary>Cuts the list behind the first token at which the probability, relative to the list, reaches <paramref name="p"/>.</summary>
    public void CutTopP(float p) => Cut(p * Sum(Logit(0), 1));

    /// <summary>Cuts tokens less likely than <paramref name="p"/> times the first.</summary>
    public void CutMinP(float p)
    {
        float floor = Logit(0) + MathF.Log(p);
        while (Count > 1 && Logit(Count - 1) < floor)
        {
            Count--;
        }
    }

    /// <summary>Draws a token with probability proportional to exp(logit / temperature).</summary>
    /// <param name="temperature">Larger than 0.</param>
    /// <param name="uniform">A number in [0, 1).</param>
    public int Draw(float temperature, double uniform)
    {
        float max = Logit(0);
        double remaining = uniform * Sum(max, temperature);
        for (int rank = 0; rank < Count; rank++)
        {
            remaining -= Math.Exp((Logit(rank) - max) / temperature);
            if (remaining < 0)
            {
                return Token(rank);
            }
        }

        return Token(Count - 1);
    }

    /// <summary>Ascending keys are descending logits, ties in the order of token ids.</summary>
    private static ulong Key(int token, float logit)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit);
        uint ordered = (bits & 0x8000_0000) != 0 ? ~bits : bits ^ 0x8000_0000;
        return ((ulong)~ordered << 32) | (uint)token;
    }

    private double Sum(float max, float temperature)
    {
        double total = 0;
        for (int rank = 0; rank < Count; rank++)
        {
            total += Math.Exp((Logit(rank) - max) / temperature);
        }

        return total;
    }

    private void Cut(double wanted)
    {
        float max = Logit(0);
        double cumulative = 0;
        for (int rank = 0; rank < Count; rank++)
        {
            cumulative += Math.Exp(Logit(rank) - max);
            if (cumulative >= wanted)
            {
                Count = rank + 1;
            }
        }
    }

    private void Gather(ReadOnlySpan<float> logits, float floor)
    {
        Reset(64);
        for (int token = 0; token < logits.Length; token++)
        {
            if (logits[token] >= floor && !float.IsNegativeInfinity(logits[token]))
            {
                Append(Key(token, logits[token]));
            }
        }
    }

    private double SumOfExponentials(ReadOnlySpan<float> logits, float max)
    {
        if (_scratch.Length < logits.Length)
        {
            _scratch = new float[logits.Length];
        }

        Span<float> scratch = _scratch.AsSpan(0, logits.Length);
        TensorPrimitives.Subtract(logits, max, scratch);
        TensorPrimitives.Exp<float>(scratch, scratch);
        return TensorPrimitives.Sum<float>(scratch);
    }

    private void Reset(int capacity)
    {
        Count = 0;
        if (_keys.Length < capacity)
        {
            _keys = new ulong[capacity];
        }
    }

    private void Append(ulong key)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Count * 2);
        }

        _keys[Count++] = key;
    }

    /// <summary>A binary heap of size k whose root has the largest key: the least likely candidate, the first to go.</summary>
    private void Offer(int token, float logit, int k)
    {
        ulong key = Key(token, logit);
        if (float.IsNegativeInfinity(logit))
        {
            return;
        }

        if (Count < k)
        {
            Append(key);
            SiftUp(Count - 1);
        }
        else if (key < _keys[0])
        {
            _keys[0] = key;
            SiftDown();
        }
    }

    private void SiftUp(int child)
    {
        while (child > 0 && _keys[(child - 1) / 2] < _keys[child])
        {
            Swap(child, (child - 1) / 2);
            child = (child - 1) / 2;
        }
    }

    private void SiftDown()
    {
        int parent = 0;
        for (int child = 1; child < Count; child = (2 * parent) + 1)
        {
            child += child + 1 < Count && _keys[child + 1] > _keys[child] ? 1 : 0;
            if (_keys[child] <= _keys[parent])
            {
                return;
            }

            Swap(child, parent);
            parent = child;
        }
    }

    private void Swap(int a, int b) => (_keys[a], _keys[b]) = (_keys[b], _keys[a]);

    private void Sort() => Array.Sort(_keys, 0, Count);
}
