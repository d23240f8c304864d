using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>The tokens allowed in one state: a bit for each token, or, when there are few, their list.</summary>
internal sealed class TokenMask
{
    private readonly ulong[] bits;
    private readonly int[]? few;

    /// <param name="bits">A bit for each token; the mask keeps the array.</param>
    internal TokenMask(ulong[] bits)
    {
        Count = bits.Sum(BitOperations.PopCount);
        // The list is smaller, and faster to apply, when less than one token in 64 is allowed.
        few = Count < bits.Length ? List(bits, Count) : null;
        this.bits = few is null ? bits : [];
    }

    /// <summary>How many tokens are allowed.</summary>
    internal int Count { get; }

    /// <summary>The memory it takes.</summary>
    internal int Bytes => 64 + (bits.Length * sizeof(ulong)) + ((few?.Length ?? 0) * sizeof(int));

    internal bool Allows(int token) => few is null ? (bits[token >> 6] >> (token & 63) & 1) != 0 : Array.BinarySearch(few, token) >= 0;

    /// <summary>The tokens allowed, in ascending order.</summary>
    internal int[] Tokens() => few ?? List(bits, Count);

    /// <summary>Sets the logits of all tokens not allowed to negative infinity.</summary>
    internal void Apply(Span<float> logits)
    {
        if (few is null)
            ApplyBits(logits);
        else
            ApplyFew(logits);
    }

    private void ApplyFew(Span<float> logits)
    {
        Span<float> kept = few!.Length <= 256 ? stackalloc float[few.Length] : new float[few.Length];
        for (var i = 0; i < few.Length; i++)
            kept[i] = logits[few[i]];
        logits.Fill(float.NegativeInfinity);
        for (var i = 0; i < few.Length; i++)
            logits[few[i]] = kept[i];
    }

    private void ApplyBits(Span<float> logits)
    {
        for (var word = 0; word < bits.Length; word++)
        {
            var start = word * 64;
            var part = logits.Slice(start, Math.Min(64, logits.Length - start));
            if (bits[word] == 0)
                part.Fill(float.NegativeInfinity);
            else if (bits[word] != ulong.MaxValue && part.Length == 64)
                ApplyWord(bits[word], part);
            else if (bits[word] != ulong.MaxValue)
                ApplyOneByOne(bits[word], part);
        }

        if (logits.Length > bits.Length * 64)
            logits[(bits.Length * 64)..].Fill(float.NegativeInfinity);
    }

    private static void ApplyWord(ulong word, Span<float> logits)
    {
        var lanes = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        var forbidden = Vector256.Create(float.NegativeInfinity);
        ref var start = ref MemoryMarshal.GetReference(logits);
        for (var i = 0; i < 64; i += 8)
        {
            var chosen = Vector256.Equals(Vector256.Create((int)(byte)(word >> i)) & lanes, lanes).AsSingle();
            var values = Vector256.LoadUnsafe(ref start, (nuint)i);
            Vector256.ConditionalSelect(chosen, values, forbidden).StoreUnsafe(ref start, (nuint)i);
        }
    }

    private static void ApplyOneByOne(ulong word, Span<float> logits)
    {
        for (var i = 0; i < logits.Length; i++)
        {
            if ((word >> i & 1) == 0)
                logits[i] = float.NegativeInfinity;
        }
    }

    private static int[] List(ulong[] bits, int count)
    {
        var list = new int[count];
        for (int word = 0, n = 0; word < bits.Length; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
                list[n++] = (word * 64) + BitOperations.TrailingZeroCount(rest);
        }

        return list;
    }
}
