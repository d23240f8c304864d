using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>
/// Looks for faults in a well-formed GGUF file which would make llama.cpp v0.5.0 end the process (failed assertions, divisions by zero,
/// null pointers, uncaught exceptions) or ask for absurd memory, so that the native loader only ever sees files it can answer.
/// Families whose tensors are known (llama, qwen2, qwen3) are checked shape by shape; for others what all families share is checked.
/// </summary>
internal static class ModelCheck
{
    private static readonly (string Suffix, GgufValueType Type)[] KnownTypes =
    [
        ("general.name", GgufValueType.String), ("general.type", GgufValueType.String), ("general.license", GgufValueType.String),
        ("general.file_type", GgufValueType.UInt32), ("general.quantization_version", GgufValueType.UInt32),
        ("tokenizer.chat_template", GgufValueType.String),
    ];

    /// <summary>Checks a model file.</summary>
    /// <param name="file">The file, read and found well-formed.</param>
    /// <exception cref="UserInputException">The model cannot be used; the message says why.</exception>
    internal static void Verify(GgufFile file)
    {
        var model = new ModelMetadata(file);
        string? type = model.Text("general.type");
        if (type is not (null or "model"))
            throw model.Fault("general.type", $"is \"{type}\"; a file of type \"model\" is needed. An adapter is given beside its model, not instead of it.");
        ArchitectureCheck.VerifyUsable(model);
        foreach (var (key, wanted) in KnownTypes) model.Find(key, wanted);
        model.CheckUtf8("tokenizer.chat_template");
        var parts = SplitCheck.Verify(model);
        var shape = HyperparameterCheck.Verify(model);
        ArchitectureCheck.Verify(model, shape);
        int tokens = VocabularyCheck.Verify(model);
        TensorCheck.Verify(model, parts);
        TensorCheck.VerifyProjections(model, parts, shape);
        FamilyCheck.Verify(model, parts, shape, tokens);
    }
}
