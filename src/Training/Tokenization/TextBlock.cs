namespace AgentKit.Training.Tokenization;

/// <summary>A piece of a document that ends where no word goes on, so that blocks can be cut into words and tokens apart from each other.</summary>
/// <param name="Text">The text.</param>
/// <param name="EndsDocument">Whether the document ends with it.</param>
public sealed record TextBlock(string Text, bool EndsDocument);
