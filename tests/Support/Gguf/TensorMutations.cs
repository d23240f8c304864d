using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>Wrong shapes, types, names and contents of tensors; the layout follows the change, so only the meaning is wrong.</summary>
internal static class TensorMutations
{
    private static readonly string[] Names =
    [
        "output.bias", "rope_freqs.weight", "rope_factors_long.weight", "output.scale", "output.input_scale", "token_embd_norm.weight", "cls.output.weight",
        "blk.0.attn_q.bias", "blk.0.attn_qkv.weight", "blk.0.attn_qkv.bias", "blk.0.ffn_gate_inp.weight", "blk.0.ffn_gate_exps.weight",
        "blk.0.attn_q.scale", "blk.0.ffn_up.bias", "blk.0.attn_output.bias", "blk.99.attn_q.weight", "blk.0.attn_q_norm.weight", "blk.0.attn_rot_embd",
        "blk.0.ffn_down.scale", "blk.0.ffn_down.input_scale", "blk.0.nonsense.weight", "dense_2.weight",
    ];

    internal static readonly Mutation[] All =
    [
        new(6, "dims", Dims),
        new(3, "transposed", (f, r) => Array.Reverse(f.Tensors[r.Next(f.Tensors.Count)].Dims)),
        new(8, "tensor type", (f, r) => SetType(f.Tensors[r.Next(f.Tensors.Count)], r)),
        new(3, "all matrices' type", AllTypes),
        new(2, "vectors' type", (f, r) =>
        {
            uint type = (uint)((GgmlType[])[GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.I32, GgmlType.F64])[r.Next(5)];
            foreach (var tensor in f.Tensors.Where(t => t.Dims.Length == 1)) tensor.Type = type;
        }),
        new(3, "missing tensor", (f, r) => f.Tensors.RemoveAt(r.Next(f.Tensors.Count))),
        new(3, "renamed tensor", (f, r) => f.Tensors[r.Next(f.Tensors.Count)].Name = Names[r.Next(Names.Length)]),
        new(5, "added tensor", Add),
        new(2, "no output matrix", (f, _) => f.Tensors.RemoveAll(t => t.Name == "output.weight" && f.Tensors.Count > 1)),
        new(2, "swapped names", (f, r) =>
        {
            var (a, b) = (f.Tensors[r.Next(f.Tensors.Count)], f.Tensors[r.Next(f.Tensors.Count)]);
            (a.Name, b.Name) = (b.Name, a.Name);
        }),
        new(4, "data", Data),
        new(1, "all data", (f, r) =>
        {
            foreach (var tensor in f.Tensors) Fill(tensor, r);
        }),
    ];

    private static void Dims(RawGguf file, Random random)
    {
        var tensor = file.Tensors[random.Next(file.Tensors.Count)];
        ulong[] sizes = [1, 2, 3, 16, 31, 32, 33, 64, 96, 128, 256, 320, 512];
        switch (random.Next(4))
        {
            case 0:
                tensor.Dims = [.. tensor.Dims.Take(3), sizes[random.Next(sizes.Length)]];
                break;
            case 1 when tensor.Dims.Length > 1:
                tensor.Dims = tensor.Dims[..^1];
                break;
            default:
                if (tensor.Dims.Length > 0) tensor.Dims[random.Next(tensor.Dims.Length)] = sizes[random.Next(sizes.Length)];
                break;
        }
    }

    private static void SetType(RawGguf.Tensor tensor, Random random)
    {
        var fitting = Enum.GetValues<GgmlType>().Where(t => tensor.Dims.Length > 0 && tensor.Dims[0] % (ulong)GgmlTypes.Block(t)!.Value.Elements == 0).ToArray();
        if (fitting.Length > 0) tensor.Type = (uint)fitting[random.Next(fitting.Length)];
    }

    private static void AllTypes(RawGguf file, Random random)
    {
        var types = Enum.GetValues<GgmlType>();
        var type = types[random.Next(types.Length)];
        foreach (var tensor in file.Tensors.Where(t => t.Dims.Length > 1 && t.Dims[0] % (ulong)GgmlTypes.Block(type)!.Value.Elements == 0))
            tensor.Type = (uint)type;
    }

    private static void Add(RawGguf file, Random random)
    {
        var like = file.Tensors[random.Next(file.Tensors.Count)].Clone();
        like.Name = Names[random.Next(Names.Length)];
        if (random.Next(2) == 0)
        {
            like.Dims = [(ulong)((int[])[1, 16, 32, 64, 320])[random.Next(5)]];
            like.Type = (uint)((GgmlType[])[GgmlType.F32, GgmlType.F32, GgmlType.F16, GgmlType.I32])[random.Next(4)];
        }
        if (!file.Tensors.Exists(t => t.Name == like.Name)) file.Tensors.Add(like);
    }

    private static void Data(RawGguf file, Random random) => Fill(file.Tensors[random.Next(file.Tensors.Count)], random);

    private static void Fill(RawGguf.Tensor tensor, Random random)
    {
        var data = tensor.Data.ToArray();
        switch (random.Next(4))
        {
            case 0:
                random.NextBytes(data);
                break;
            case 1:
                data.AsSpan().Fill(0xFF);
                break;
            case 2:
                data.AsSpan().Clear();
                break;
            default:
                for (int i = 0; i + 4 <= data.Length; i += 4) BitConverter.TryWriteBytes(data.AsSpan(i), random.Next(8) == 0 ? float.NaN : 1e30f);
                break;
        }
        tensor.Data = data;
    }
}
