namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model tokenize --json</c>.</summary>
internal sealed record TokenizeJson(int Count, IReadOnlyList<TokenizeJson.Token> Tokens)
{
    /// <summary>One token. A token that holds only part of a character has U+FFFD in its text.</summary>
    internal sealed record Token(int Id, string Text);
}
