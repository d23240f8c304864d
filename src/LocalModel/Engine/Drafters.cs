using AgentKit.Kernel.Errors;
using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>Makes what guesses ahead.</summary>
internal static class Drafters
{
    /// <summary>Loads the draft model, if one is asked for.</summary>
    /// <param name="tokenizer">The tokenizer of the model that checks the guesses.</param>
    /// <param name="engine">Its engine's sizes.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="settings">Where layers go.</param>
    /// <exception cref="UserInputException">The draft model is missing, or has another vocabulary.</exception>
    public static Drafter? Create(Tokenizer tokenizer, EngineOptions engine, LocalModelOptions options, ModelSettings settings)
    {
        if (options.DraftModel is not null != (options.Speculation == Speculation.DraftModel))
        {
            throw new UserInputException(nameof(options.DraftModel), options.DraftModel is null
                ? "Speculation is DraftModel, but no DraftModel is named."
                : $"A DraftModel is named, but Speculation is {options.Speculation}.");
        }

        return options.Speculation switch
        {
            Speculation.PromptLookup => new PromptLookup(),
            Speculation.DraftModel => Load(options.DraftModel!, tokenizer, engine, settings),
            _ => null,
        };
    }

    private static DraftModel Load(string path, Tokenizer tokenizer, EngineOptions engine, ModelSettings settings)
    {
        ModelFile.OpenChecked(path);
        LlamaModelParams parameters = LlamaApi.ModelDefaultParams();
        parameters.GpuLayers = settings.GpuLayers == 0 ? 0 : parameters.GpuLayers;
        NativeLog.TakeComplaints();
        using ModelHandle model = LlamaApi.ModelLoadFromFile(path, parameters);
        if (model.IsInvalid)
        {
            throw new UserInputException(nameof(LocalModelOptions.DraftModel), $"llama.cpp could not load {path}. {NativeLog.TakeComplaints()}");
        }

        Tokenizer own = new(model);
        if (FirstDifference(own, tokenizer) is { } difference)
        {
            throw new UserInputException(nameof(LocalModelOptions.DraftModel), $"{path} cannot guess for this model: {difference}");
        }

        // The context keeps the model alive.
        return new DraftModel(model, own, engine with { StoredPrefixBytes = 0 });
    }

    private static string? FirstDifference(Tokenizer draft, Tokenizer target)
    {
        if (draft.VocabularySize != target.VocabularySize)
        {
            return $"its vocabulary has {draft.VocabularySize:N0} tokens, the model's {target.VocabularySize:N0}.";
        }

        for (int token = 0; token < draft.VocabularySize; token++)
        {
            if (!draft.Piece(token).Span.SequenceEqual(target.Piece(token).Span))
            {
                return $"token {token} is '{draft.Decode([token])}' there and '{target.Decode([token])}' here.";
            }
        }

        return null;
    }
}
