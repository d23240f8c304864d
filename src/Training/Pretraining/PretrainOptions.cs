using AgentKit.Training.Runs;

namespace AgentKit.Training.Pretraining;

/// <summary>A run that trains a model from nothing.</summary>
public sealed record PretrainOptions : RunSettings
{
    /// <value>Files of text, or of JSON lines with a field <c>text</c>.</value>
    public required IReadOnlyList<string> Data { get; init; }

    /// <value>What the model is called; <c>null</c>: as its folder.</value>
    public string? Name { get; init; }

    /// <value>Its sizes.</value>
    public ModelSizes Shape { get; init; } = new();

    /// <value>A GGUF file whose tokens are used; <c>null</c>: a vocabulary is trained on the data.</value>
    public string? Tokenizer { get; init; }

    /// <value>Tokens of a vocabulary that is trained. Default 8,192.</value>
    public int Vocabulary { get; init; } = 8192;

    /// <value>The last share of the text, which is not learned from; the loss is measured on at most 1,024 windows of it. 0 to 0.5. Default 0.05.</value>
    public double EvalShare
    {
        get;
        init => field = value is >= 0 and <= 0.5 ? value : throw new ArgumentOutOfRangeException(nameof(EvalShare), value, "0 to 0.5");
    } = 0.05;

    /// <summary>The usual settings of pretraining: a larger learning rate and more weight decay than for an adapter.</summary>
    public PretrainOptions()
    {
        LearningRate = 1e-3;
        WarmupSteps = 100;
        Optimizer = new() { Beta2 = 0.95, WeightDecay = 0.1 };
    }
}
