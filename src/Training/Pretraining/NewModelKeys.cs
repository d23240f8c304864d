using AgentKit.Models.Gguf;

namespace AgentKit.Training.Pretraining;

/// <summary>What a new model's vocabulary and its first weights were made from, so that a run knows its own again.</summary>
/// <param name="Vocabulary">SHA-256 of what the vocabulary depends on.</param>
/// <param name="Weights">SHA-256 of what all of it depends on.</param>
internal readonly record struct NewModelKeys(string? Vocabulary, string? Weights)
{
    private const string VocabularyField = "agentkit.pretrain_vocabulary_key", WeightsField = "agentkit.pretrain_key";

    /// <summary>Those of a file; none where there is no file.</summary>
    public static NewModelKeys Of(GgufFile? file) => new(file?.FindString(VocabularyField), file?.FindString(WeightsField));

    public void AddTo(GgufWriter writer)
    {
        if (Vocabulary is not null) writer.Set(VocabularyField, Vocabulary);
        if (Weights is not null) writer.Set(WeightsField, Weights);
    }
}
