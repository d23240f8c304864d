using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>
/// The trained weights: B·A beside each adapted matrix, B zero at first, A drawn from N(0, 1 / inputs). The rank is padded with zeros to a multiple
/// of 16, because ggml's fast kernels need that; what is zero there stays zero.
/// </summary>
internal sealed class LoraAdapter : IDisposable
{
    private const int RankStep = 16;

    private readonly TensorSet _weights;
    private readonly TensorSet _slopes;
    private readonly Dictionary<string, LoraMatrix> _byTarget = new(StringComparer.Ordinal);

    private readonly int _headOffset;

    /// <param name="model">The frozen weights.</param>
    /// <param name="backend">Holds the tensors.</param>
    /// <param name="options">The shape.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="scoreHead">Whether there is a head that scores samples.</param>
    /// <exception cref="UserInputException">The model has none of a matrix.</exception>
    public LoraAdapter(BaseModel model, GgmlBackend backend, LoraOptions options, int seed, bool scoreHead = false)
    {
        Options = options;
        PaddedRank = (options.Rank + RankStep - 1) / RankStep * RankStep;
        Scale = (float)(options.Alpha / options.Rank);
        int count = (model.Architecture.Layers * options.Targets.Count * 2) + 1;
        (_weights, _slopes) = (new(count), new(count));
        int offset = 0;
        for (int layer = 0; layer < model.Architecture.Layers; layer++)
        {
            foreach (string target in LoraOptions.Matrices.Keys.Where(options.Targets.Contains))
                offset = Add(model, $"blk.{layer}.{LoraOptions.Matrices[target]}.weight", offset);
        }

        _headOffset = offset;
        if (scoreHead)
        {
            Head = _weights.Add(GgmlType.F32, model.Architecture.Embedding, 1);
            HeadGradient = _slopes.Add(GgmlType.F32, model.Architecture.Embedding, 1);
            offset += (int)model.Architecture.Embedding;
        }

        _weights.Allocate(backend);
        _slopes.Allocate(backend);
        Values = new float[offset];
        Gradient = new float[offset];
        Initialize(seed);
        Upload();
        ClearGradient();
    }

    public LoraOptions Options { get; }

    public int PaddedRank { get; }

    /// <summary>alpha / rank.</summary>
    public float Scale { get; }

    /// <summary>All weights, matrix by matrix, padding included.</summary>
    public float[] Values { get; }

    /// <summary>What <see cref="DownloadGradient"/> read, in the order of <see cref="Values"/>.</summary>
    public float[] Gradient { get; }

    /// <summary>The head that scores samples, tensor [embedding, 1]; 0 when there is none.</summary>
    public nint Head { get; }

    /// <summary>Sum of the head's gradients.</summary>
    public nint HeadGradient { get; }

    /// <summary>The head's part of <see cref="Values"/>; empty when there is none.</summary>
    public Span<float> HeadValues => Values.AsSpan(_headOffset);

    public IEnumerable<LoraMatrix> Matrices => _byTarget.Values;

    /// <summary>The matrices beside a frozen one, if it is adapted.</summary>
    public LoraMatrix? Find(string target) => _byTarget.GetValueOrDefault(target);

    /// <summary>Makes changed <see cref="Values"/> count in the next graph.</summary>
    public void Upload()
    {
        foreach (LoraMatrix matrix in Matrices)
        {
            (Range a, Range b) = Places(matrix);
            GgmlBackend.Write<float>(matrix.A, Values.AsSpan(a));
            GgmlBackend.Write<float>(matrix.B, Values.AsSpan(b));
        }

        if (Head != 0) GgmlBackend.Write<float>(Head, HeadValues);
    }

    /// <summary>Takes other weights of the same shape.</summary>
    public void Replace(ReadOnlySpan<float> values)
    {
        values.CopyTo(Values);
        Upload();
    }

    public void DownloadGradient()
    {
        foreach (LoraMatrix matrix in Matrices)
        {
            (Range a, Range b) = Places(matrix);
            GgmlBackend.Read(matrix.GradientA, Gradient.AsSpan(a));
            GgmlBackend.Read(matrix.GradientB, Gradient.AsSpan(b));
        }

        if (Head != 0) GgmlBackend.Read(HeadGradient, Gradient.AsSpan(_headOffset));
    }

    public void ClearGradient() => _slopes.Clear();

    /// <summary>Where A and B of a matrix lie in <see cref="Values"/>.</summary>
    public (Range A, Range B) Places(LoraMatrix matrix)
    {
        int middle = matrix.Offset + (matrix.Inputs * PaddedRank);
        return (matrix.Offset..middle, middle..(middle + (matrix.Outputs * PaddedRank)));
    }

    public void Dispose()
    {
        _weights.Dispose();
        _slopes.Dispose();
    }

    private int Add(BaseModel model, string target, int offset)
    {
        GgufTensorInfo weight = model.File.FindTensor(target)
            ?? throw new UserInputException("targets", $"targets: {model.File.Name} has no matrix {target} to adapt.");
        (int inputs, int outputs) = ((int)weight.Shape[0], (int)weight.Shape[1]);
        _byTarget[target] = new(
            target, inputs, outputs, offset,
            _weights.Add(GgmlType.F32, inputs, PaddedRank), _weights.Add(GgmlType.F32, PaddedRank, outputs),
            _slopes.Add(GgmlType.F32, inputs, PaddedRank), _slopes.Add(GgmlType.F32, PaddedRank, outputs));
        return offset + ((inputs + outputs) * PaddedRank);
    }

    private void Initialize(int seed)
    {
        var random = new Random(seed);
        foreach (LoraMatrix matrix in Matrices)
        {
            double deviation = 1 / Math.Sqrt(matrix.Inputs);
            Span<float> rows = Values.AsSpan(Places(matrix).A)[..(matrix.Inputs * Options.Rank)];
            foreach (ref float value in rows) value = (float)(deviation * Normal(random));
        }

        foreach (ref float value in HeadValues) value = (float)(Normal(random) / Math.Sqrt(HeadValues.Length));
    }

    /// <summary>Box and Muller 1958.</summary>
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
