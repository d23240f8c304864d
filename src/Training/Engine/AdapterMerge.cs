using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>Writes an adapter into the weights of its model: W + alpha / rank · B·A (Hu et al. 2021, section 4.1), stored as W was.</summary>
public static class AdapterMerge
{
    /// <summary>Writes the merged model. It appears under its name only when it is complete.</summary>
    /// <param name="modelPath">The model the adapter was trained on; its adapted matrices are F32, F16, BF16 or Q8_0.</param>
    /// <param name="adapterPath">A LoRA adapter in GGUF.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="overwrite">Whether an existing file is replaced.</param>
    /// <returns>How many matrices were changed.</returns>
    /// <exception cref="UserInputException">The adapter is not for this model, a matrix is of another type, or the file exists.</exception>
    public static int Write(string modelPath, string adapterPath, string output, bool overwrite = false)
    {
        AdapterInfo info = AdapterInfo.Read(adapterPath);
        if (info.MisfitWith(modelPath) is { } misfit) throw new UserInputException("ADAPTER", $"ADAPTER: {adapterPath} does not belong to {modelPath}: {misfit}");
        string target = Path.GetFullPath(output);
        if (File.Exists(target) && (!overwrite || target == Path.GetFullPath(modelPath)))
            throw new UserInputException("OUT", $"OUT: {target} exists already{(target == Path.GetFullPath(modelPath) ? " and is the model itself" : "; --force replaces it")}.");
        GgufFile model = ModelFile.OpenChecked(modelPath), adapter = GgufFile.Open(adapterPath);
        GgufWriter writer = GgufWriter.WithMetadataOf(model);
        int changed = 0;
        foreach (GgufTensorInfo weight in model.Tensors)
        {
            if (adapter.FindTensor(weight.Name + ".lora_a") is not { } a)
            {
                writer.AddCopy(model, weight);
                continue;
            }

            CheckType(model, weight);
            GgufTensorInfo b = adapter.FindTensor(weight.Name + ".lora_b")!;
            writer.AddStreamed(weight.Name, weight.Type, [.. weight.Shape], stream => WriteSum(model, weight, adapter, a, b, info.Alpha, stream));
            changed++;
        }

        writer.Write(target);
        return changed;
    }

    private static void CheckType(GgufFile model, GgufTensorInfo weight)
    {
        if (weight.Type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0) return;
        throw new UserInputException(
            "model", $"{model.Name}: {weight.Name} is stored as {weight.Type}; F32, F16, BF16 and Q8_0 can be merged. Merge into such a file and quantize the result, "
            + "or serve the adapter beside the model.");
    }

    private static void WriteSum(GgufFile model, GgufTensorInfo weight, GgufFile adapter, GgufTensorInfo a, GgufTensorInfo b, double alpha, Stream stream)
    {
        float[] values = model.ReadFloats(weight), inner = adapter.ReadFloats(a), outer = adapter.ReadFloats(b);
        (int inputs, int outputs, int rank) = ((int)weight.Shape[0], (int)weight.Shape[1], (int)a.Shape[1]);
        float scale = (float)(alpha / rank);
        for (int row = 0; row < outputs; row++)
        {
            Span<float> target = values.AsSpan(row * inputs, inputs);
            for (int r = 0; r < rank; r++) TensorPrimitives.MultiplyAdd(inner.AsSpan(r * inputs, inputs), scale * outer[(row * rank) + r], target, target);
        }

        var bytes = new byte[weight.Bytes];
        TensorCodec.Encode(weight.Type, values, bytes);
        stream.Write(bytes);
    }
}
