using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>The frozen weights of a model, copied from its file as they are stored.</summary>
internal sealed class BaseModel : IDisposable
{
    private const int ChunkBytes = 1 << 24;

    private readonly TensorSet _tensors;
    private readonly Dictionary<string, nint> _byName = new(StringComparer.Ordinal);

    private BaseModel(GgufFile file, ModelArchitecture architecture)
    {
        File = file;
        Architecture = architecture;
        _tensors = new(file.Tensors.Count);
    }

    public GgufFile File { get; }

    public ModelArchitecture Architecture { get; }

    /// <exception cref="UserInputException">The model cannot be trained.</exception>
    public static BaseModel Load(GgufFile file, GgmlBackend backend)
    {
        var model = new BaseModel(file, ModelArchitecture.From(file));
        foreach (GgufTensorInfo tensor in file.Tensors) model._byName[tensor.Name] = model._tensors.Add(tensor.Type, [.. tensor.Shape]);
        model._tensors.Allocate(backend);
        var chunk = new byte[Math.Min(ChunkBytes, file.Tensors.Max(tensor => tensor.Bytes))];
        foreach (GgufTensorInfo tensor in file.Tensors)
        {
            for (long at = 0; at < tensor.Bytes; at += chunk.Length)
            {
                Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, tensor.Bytes - at));
                file.ReadTensor(tensor, part, at);
                GgmlBackend.Write<byte>(model._byName[tensor.Name], part, at);
            }
        }

        return model;
    }

    /// <summary>A tensor that the architecture cannot do without.</summary>
    /// <exception cref="UserInputException">It is not in the file.</exception>
    public nint this[string name] => Find(name) is var tensor and not 0
        ? tensor
        : throw new UserInputException("model", $"{File.Name} has no tensor {name}; this variant of {Architecture.Name} cannot be trained.");

    /// <summary>A tensor, 0 when there is none of this name.</summary>
    public nint Find(string name) => _byName.GetValueOrDefault(name);

    public void Dispose() => _tensors.Dispose();
}
