using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;
using AgentKit.Models.Templates;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Training.Data;

/// <summary>A model's tokenizer and chat format, without its weights.</summary>
public sealed class ModelVocabulary : IDisposable
{
    private readonly ModelHandle _model;

    private ModelVocabulary(ModelHandle model, ModelInfo info)
    {
        _model = model;
        Info = info;
        Tokenizer = new(model, LongRuns.AreDangerous(info));
        Format = new(() => ReadFormat(info, Tokenizer));
    }

    /// <summary>What the file says about the model.</summary>
    public ModelInfo Info { get; }

    /// <summary>The model's own tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    private Lazy<ChatFormat> Format { get; }

    /// <summary>Reads the vocabulary of a model file.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <exception cref="UserInputException">The file is missing or damaged.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or refused the file.</exception>
    public static ModelVocabulary Open(string path)
    {
        GgufFile file = ModelFile.OpenChecked(path);
        NativeRuntime.Require(NullLogger.Instance);
        LlamaModelParams parameters = LlamaApi.ModelDefaultParams();
        parameters.VocabOnly = 1;
        NativeLog.TakeComplaints();
        ModelHandle model = LlamaApi.ModelLoadFromFile(path, parameters);
        if (!model.IsInvalid) return new(model, ModelInfo.From(file));
        model.Dispose();
        throw new UserInputException("model", $"llama.cpp could not read the vocabulary of {path}. {NativeLog.TakeComplaints()}");
    }

    /// <summary>An encoder for conversations.</summary>
    /// <param name="time">The date that the template may write; the system's when null.</param>
    /// <exception cref="UserInputException">The model has no chat template, or one that cannot be used.</exception>
    public SampleEncoder CreateEncoder(TimeProvider? time = null) => new(Tokenizer, Format.Value, time);

    /// <summary>Frees the vocabulary.</summary>
    public void Dispose() => _model.Dispose();

    private static ChatFormat ReadFormat(ModelInfo info, Tokenizer tokenizer)
    {
        string source = info.ChatTemplate
            ?? throw new UserInputException("model", $"{info.Name} has no chat template; conversations cannot be rendered for it.");
        try
        {
            return ChatFormat.For(ChatTemplate.Parse(source), Text(tokenizer.Bos), Text(tokenizer.Eos));
        }
        catch (TemplateException e)
        {
            throw new UserInputException("model", $"The chat template of {info.Name} cannot be used: {e.Message}", e);
        }

        string Text(int token) => token < 0 ? "" : tokenizer.Decode([token]);
    }
}
