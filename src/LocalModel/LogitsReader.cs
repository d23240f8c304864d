namespace AgentKit.Models;

/// <summary>Takes what a model says about one position of a text.</summary>
/// <param name="position">Index of the token that the logits are about; they come from the tokens before it.</param>
/// <param name="logits">Unnormalized log-probabilities, [vocab]; valid during the call only.</param>
public delegate void LogitsReader(int position, ReadOnlySpan<float> logits);
