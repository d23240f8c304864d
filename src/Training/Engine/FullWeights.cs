using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>Every weight of a model, trained in place. Matrices come first; norms and biases after them, which weight decay leaves alone.</summary>
internal sealed class FullWeights : ParameterSet
{
    /// <summary>Constants of the architecture, not weights.</summary>
    private static readonly string[] RopeFactors = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"];

    private readonly Dictionary<string, nint> _slopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Range> _places = new(StringComparer.Ordinal);

    /// <exception cref="UserInputException">A weight is not stored in single precision.</exception>
    public FullWeights(BaseModel model, GgmlBackend backend)
        : base(model.File.Tensors.Count, "model")
    {
        int offset = 0, matrices = 0;
        foreach (GgufTensorInfo tensor in model.File.Tensors.Where(tensor => !RopeFactors.Contains(tensor.Name)).OrderBy(tensor => tensor.Shape.Count == 1))
        {
            if (tensor.Type is not GgmlType.F32)
                throw new UserInputException("model", $"model: {model.File.Name}: {tensor.Name} is stored as {tensor.Type}; all weights are trained only where they are F32.");
            _slopes[tensor.Name] = Track(model[tensor.Name], [.. tensor.Shape]);
            _places[tensor.Name] = offset..(offset += (int)tensor.Elements);
            if (tensor.Shape.Count > 1) matrices = offset;
        }

        Allocate(backend);
        Download();
        Decayed = matrices;
    }

    /// <summary>The sum of a weight's gradient.</summary>
    public nint SlopeOf(string name) => _slopes[name];

    /// <summary>Adds a tape's gradients of weights to their sums.</summary>
    /// <param name="tape">The graph, differentiated.</param>
    /// <param name="model">The weights.</param>
    /// <param name="prefix">What their names begin with.</param>
    public void AddGradients(Tape tape, BaseModel model, string prefix)
    {
        foreach ((string name, nint slope) in _slopes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal)) tape.AddTo(tape.GradientOf(model[name]), slope);
        }
    }

    /// <summary>A tensor's numbers; <c>null</c> for what is not trained.</summary>
    public ReadOnlyMemory<float>? Find(string name) => _places.TryGetValue(name, out Range place) ? Values.AsMemory(place) : null;

    /// <summary>Where a tensor lies in <see cref="ParameterSet.Values"/>.</summary>
    public Range PlaceOf(string name) => _places[name];
}
