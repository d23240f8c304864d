using System.Numerics.Tensors;
using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>A vector in 8 bits that rows of a file are compared with. Not for concurrent changes.</summary>
internal sealed class Int8Query
{
    private readonly VectorFile _file;
    private readonly short[] _codes;
    private float _scale;
    private float _error;
    private float _length;

    public Int8Query(VectorFile file)
    {
        _file = file;
        _codes = new short[file.Layout.Padded];
    }

    /// <param name="file">The rows.</param>
    /// <param name="query">[dimensions]</param>
    public Int8Query(VectorFile file, ReadOnlySpan<float> query)
        : this(file) => Set(query);

    /// <param name="query">[dimensions]</param>
    public void Set(ReadOnlySpan<float> query)
    {
        sbyte[] codes = new sbyte[_codes.Length];
        (_scale, _error) = QuantizedVector.ToInt8(query, codes);
        for (int i = 0; i < codes.Length; i++) _codes[i] = codes[i];
        _length = TensorPrimitives.Norm(query);
    }

    /// <summary>Takes a row of the file itself.</summary>
    public void Set(int row)
    {
        ReadOnlySpan<sbyte> codes = _file.Codes(row);
        for (int i = 0; i < codes.Length; i++) _codes[i] = codes[i];
        (_scale, _error, _length) = (_file.Scales[row], _file.Errors[row], 1);
    }

    public float Score(int row) => Int8Kernel.Dot(_file.Codes(row), _codes) * _scale * _file.Scales[row];

    /// <summary>The best rows of some, by id where scores are equal; scores are exact.</summary>
    public static List<Candidate> Decide(VectorFile file, ReadOnlySpan<float> query, int count, IEnumerable<int> rows)
    {
        var found = new List<Candidate>();
        foreach (int row in rows) found.Add(new Candidate(file.Ids[row], TensorPrimitives.Dot(file.Row(row), query)));
        return [.. found.OrderByDescending(candidate => candidate.Score).ThenBy(candidate => candidate.Chunk).Take(count)];
    }

    /// <summary>|q·x − q̂·x̂| ≤ ‖q‖ ‖x − x̂‖ + ‖q − q̂‖ ‖x̂‖; the last factor is at most 1 + ‖x − x̂‖. A little more for the rounding of floats.</summary>
    public float Bound(int row)
    {
        float error = _file.Errors[row];
        return (_length * error) + (_error * (1 + error)) + 1e-5f;
    }
}
