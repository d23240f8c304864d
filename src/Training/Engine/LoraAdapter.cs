using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>
/// The trained weights: B·A beside each adapted matrix, B zero at first, A drawn from N(0, 1 / inputs). The rank is padded with zeros to a multiple
/// of 16, because ggml's fast kernels need that; what is zero there stays zero.
/// </summary>
internal sealed class LoraAdapter : ParameterSet
{
    private const int RankStep = 16;

    private readonly TensorSet _weights;
    private readonly Dictionary<string, LoraMatrix> _byTarget = new(StringComparer.Ordinal);

    private readonly int _headOffset;

    /// <param name="model">The frozen weights.</param>
    /// <param name="backend">Holds the tensors.</param>
    /// <param name="options">The shape.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="head">Which head is trained beside it.</param>
    /// <exception cref="UserInputException">The model has none of a matrix.</exception>
    public LoraAdapter(BaseModel model, GgmlBackend backend, LoraOptions options, int seed, HeadKind head = HeadKind.None)
        : base((model.Architecture.Layers * options.Targets.Count * 2) + 1, "rank")
    {
        Options = options;
        HeadKind = head;
        PaddedRank = (options.Rank + RankStep - 1) / RankStep * RankStep;
        Scale = (float)(options.Alpha / options.Rank);
        _weights = new((model.Architecture.Layers * options.Targets.Count * 2) + 1);
        int offset = 0;
        for (int layer = 0; layer < model.Architecture.Layers; layer++)
        {
            foreach (string matrix in LoraOptions.Matrices.Keys.Where(options.Targets.Contains).Select(model.Architecture.MatrixOf).Distinct())
                offset = Add(model, $"blk.{layer}.{matrix}.weight", offset);
        }

        _headOffset = offset;
        if (head != HeadKind.None)
        {
            Head = _weights.Add(GgmlType.F32, model.Architecture.Embedding, 1);
            HeadGradient = Track(Head, model.Architecture.Embedding, 1);
        }

        _weights.Allocate(backend);
        Allocate(backend);
        Initialize(seed);
        Upload();
    }

    public LoraOptions Options { get; }

    public int PaddedRank { get; }

    /// <summary>alpha / rank.</summary>
    public float Scale { get; }

    /// <summary>What <see cref="Head"/> is.</summary>
    public HeadKind HeadKind { get; }

    /// <summary>The head, tensor [embedding, 1]; 0 when there is none.</summary>
    public nint Head { get; }

    /// <summary>Sum of the head's gradients.</summary>
    public nint HeadGradient { get; }

    /// <summary>The head's part of <see cref="ParameterSet.Values"/>; empty when there is none.</summary>
    public Span<float> HeadValues => Values.AsSpan(_headOffset);

    public IEnumerable<LoraMatrix> Matrices => _byTarget.Values;

    /// <summary>The matrices beside a frozen one, if it is adapted.</summary>
    public LoraMatrix? Find(string target) => _byTarget.GetValueOrDefault(target);

    /// <summary>The matrices beside those of a layer.</summary>
    public IEnumerable<LoraMatrix> MatricesOf(int layer)
    {
        string prefix = $"blk.{layer}.";
        return Matrices.Where(matrix => matrix.Target.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Where A and B of a matrix lie in <see cref="ParameterSet.Values"/>.</summary>
    public (Range A, Range B) Places(LoraMatrix matrix)
    {
        int middle = matrix.Offset + (matrix.Inputs * PaddedRank);
        return (matrix.Offset..middle, middle..(middle + (matrix.Outputs * PaddedRank)));
    }

    public override void Dispose()
    {
        _weights.Dispose();
        base.Dispose();
    }

    private int Add(BaseModel model, string target, int offset)
    {
        GgufTensorInfo weight = model.File.FindTensor(target)
            ?? throw new UserInputException("targets", $"targets: {model.File.Name} has no matrix {target} to adapt.");
        (int inputs, int outputs) = ((int)weight.Shape[0], (int)weight.Shape[1]);
        nint a = _weights.Add(GgmlType.F32, inputs, PaddedRank), b = _weights.Add(GgmlType.F32, PaddedRank, outputs);
        _byTarget[target] = new(target, inputs, outputs, offset, a, b, Track(a, inputs, PaddedRank), Track(b, PaddedRank, outputs));
        return offset + ((inputs + outputs) * PaddedRank);
    }

    private void Initialize(int seed)
    {
        var random = new Random(seed);
        foreach (LoraMatrix matrix in Matrices)
        {
            double deviation = 1 / Math.Sqrt(matrix.Inputs);
            Span<float> rows = Values.AsSpan(Places(matrix).A)[..(matrix.Inputs * Options.Rank)];
            foreach (ref float value in rows) value = (float)(deviation * random.NextNormal());
        }

        // Nothing is expected at first: what a value head says then is subtracted from what was earned.
        if (HeadKind == HeadKind.Value) return;
        foreach (ref float value in HeadValues) value = (float)(random.NextNormal() / Math.Sqrt(HeadValues.Length));
    }
}
