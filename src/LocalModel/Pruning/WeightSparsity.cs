using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;

namespace AgentKit.Models.Pruning;

/// <summary>How many weights of a model's attention and feed-forward matrices are exactly zero.</summary>
/// <param name="Matrices">Tensors counted.</param>
/// <param name="Weights">Their weights.</param>
/// <param name="Zeros">How many are zero when read as floats.</param>
public sealed record WeightSparsity(int Matrices, long Weights, long Zeros)
{
    private const int BytesAtOnce = 1 << 22;

    /// <summary>Share of zeros, 0 to 1.</summary>
    public double Share => Weights == 0 ? 0 : (double)Zeros / Weights;

    /// <summary>Counts the zeros of a model file; reads all of it.</summary>
    /// <param name="path">A GGUF file; the first one of a split model.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">The file is no sound model.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries, which read quantized weights, are missing.</exception>
    public static WeightSparsity Measure(string path, IProgress<PruneProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);
        List<GgufFile> parts = SplitCheck.Verify(new ModelMetadata(ModelFile.OpenChecked(path)));
        (GgufFile Part, GgufTensorInfo Tensor)[] matrices =
            [.. parts.SelectMany(part => part.Tensors.Where(BlockMatrices.Includes).Where(tensor => BlockCodec.CanDecode(tensor.Type)).Select(tensor => (part, tensor)))];
        (long weights, long zeros) = (0, 0);
        for (int i = 0; i < matrices.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            weights += matrices[i].Tensor.Elements;
            zeros += CountZeros(matrices[i].Part, matrices[i].Tensor);
            progress?.Report(new("checking", i + 1, matrices.Length));
        }

        return new(matrices.Length, weights, zeros);
    }

    private static long CountZeros(GgufFile part, GgufTensorInfo tensor)
    {
        (int elements, int bytes) = GgmlTypes.Block(tensor.Type)!.Value;
        int blocks = (int)Math.Min(BytesAtOnce / bytes, tensor.Elements / elements);
        var stored = new byte[blocks * bytes];
        var values = new float[blocks * elements];
        long zeros = 0;
        for (long at = 0; at < tensor.Bytes; at += stored.Length)
        {
            int length = (int)Math.Min(stored.Length, tensor.Bytes - at);
            Span<float> floats = values.AsSpan(0, length / bytes * elements);
            part.ReadTensor(tensor, stored.AsSpan(0, length), at);
            BlockCodec.Decode(tensor.Type, stored.AsSpan(0, length), floats);
            zeros += floats.Count(0f);
        }

        return zeros;
    }
}
