using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// Adds up the vector of one text after another from its terms. What a term adds is kept, because texts repeat their words. Not for concurrent use.
/// </summary>
internal sealed class LexicalTerms : ITermSink
{
    private const int MostTerms = 1 << 15;
    private const float GroupWeight = 0.35f;
    private const int GroupLength = 3;
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    [ThreadStatic]
    private static LexicalTerms? current;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Term> _terms = [];
    private readonly List<int> _met = [];

    private LexicalTerms()
    {
    }

    /// <summary>The calling thread's.</summary>
    public static LexicalTerms Current => current ??= new LexicalTerms();

    public void Add(ReadOnlySpan<char> term)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers.GetAlternateLookup<ReadOnlySpan<char>>(), term, out bool known);
        if (!known)
        {
            number = _terms.Count;
            _terms.Add(new Term(AddendsOf(term)));
        }

        Term met = _terms[number];
        if (met.Count++ == 0) _met.Add(number);
    }

    /// <summary>The vector of what was added, of length 1, or 0 when that was nothing; the next text begins.</summary>
    public float[] ToVector()
    {
        float[] vector = new float[LexicalEmbedder.Dimensions];
        foreach (int number in _met)
        {
            Term term = _terms[number];
            float weight = term.Count == 1 ? 1 : 1 + MathF.Log(term.Count);
            foreach ((int place, float share) in term.Addends) vector[place] += weight * share;
            term.Count = 0;
        }

        _met.Clear();
        if (_terms.Count > MostTerms)
        {
            _terms.Clear();
            _numbers.Clear();
        }

        float length = TensorPrimitives.Norm(vector);
        if (length > 0) TensorPrimitives.Divide(vector, length, vector);
        return vector;
    }

    /// <summary>The places of the term itself and of its groups of letters.</summary>
    private static (int Place, float Share)[] AddendsOf(ReadOnlySpan<char> term)
    {
        string framed = $"^{term}$";
        int groups = Math.Max(0, framed.Length - GroupLength + 1);
        var addends = new (int, float)[groups + 1];
        addends[0] = Addend(Hash(term), 1);
        for (int i = 0; i < groups; i++) addends[i + 1] = Addend(Hash(framed.AsSpan(i, GroupLength)) ^ Prime, GroupWeight / MathF.Sqrt(groups));
        return addends;
    }

    private static (int Place, float Share) Addend(ulong hash, float weight) =>
        ((int)((hash >> 1) % LexicalEmbedder.Dimensions), (hash & 1) == 0 ? weight : -weight);

    /// <summary>FNV-1a with a final mix, the same on every machine.</summary>
    private static ulong Hash(ReadOnlySpan<char> text)
    {
        ulong hash = Offset;
        foreach (char c in text) hash = (hash ^ c) * Prime;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }

    /// <summary>A term with its places, and how often the current text has it.</summary>
    private sealed class Term((int Place, float Share)[] addends)
    {
        public (int Place, float Share)[] Addends => addends;

        public int Count { get; set; }
    }
}
