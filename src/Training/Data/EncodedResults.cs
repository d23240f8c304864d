namespace AgentKit.Training.Data;

/// <summary>Results of tools as the model reads them.</summary>
/// <param name="Text">The whole conversation, up to where the model goes on.</param>
/// <param name="Added">What stands behind the token with which the model ended its calls.</param>
/// <param name="Tokens">The same as tokens.</param>
internal sealed record EncodedResults(string Text, string Added, int[] Tokens);
