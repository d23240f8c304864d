namespace AgentKit.Eval.Perplexity;

/// <summary>The perplexity of an n-gram model.</summary>
/// <param name="Smoothing"><c>laplace</c> or <c>kneser_ney</c>.</param>
/// <param name="Order">Its n.</param>
/// <param name="Perplexity">Per token, over the tokens that the model was scored on.</param>
public sealed record NGramPerplexity(string Smoothing, int Order, double Perplexity);
