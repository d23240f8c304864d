namespace AgentKit.Models;

/// <summary>How tokens are guessed ahead. Every guess is checked against what the model itself would have chosen.</summary>
public enum Speculation
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>From what followed the same words earlier in the conversation; good at quoting, editing and repeating.</summary>
    PromptLookup,

    /// <summary>With a smaller model, <see cref="LocalModelOptions.DraftModel"/>.</summary>
    DraftModel,
}
