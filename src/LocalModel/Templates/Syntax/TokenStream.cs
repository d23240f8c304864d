using System.Runtime.CompilerServices;

namespace AgentKit.Models.Templates.Syntax;

/// <summary>Reads tokens with one token of look-ahead and guards the nesting depth of the parsers that share it.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens, int maxDepth)
{
    private int _position;
    private int _depth;

    public Token Current => tokens[_position];

    public Token Look => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Next()
    {
        var token = tokens[_position];
        if (token.Kind != TokenKind.End)
            _position++;
        return token;
    }

    public bool AtName(string name) => Current.Is(TokenKind.Name, name);

    public bool AtOperator(string text) => Current.Is(TokenKind.Operator, text);

    public bool SkipName(string name) => Skip(TokenKind.Name, name);

    public bool SkipOperator(string text) => Skip(TokenKind.Operator, text);

    public Token Expect(TokenKind kind, string? text = null)
    {
        var token = Current;
        if (token.Kind != kind || (text is not null && token.Text != text))
            throw new TemplateException($"expected {text ?? Describe(kind)}, found {token}", token.Line);
        return Next();
    }

    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > maxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException($"nested deeper than {maxDepth} levels", Current.Line);
        var result = parse();
        _depth--;
        return result;
    }

    private bool Skip(TokenKind kind, string text)
    {
        if (!Current.Is(kind, text))
            return false;
        Next();
        return true;
    }

    private static string Describe(TokenKind kind) => kind switch
    {
        TokenKind.BlockEnd => "'%}'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.Name => "a name",
        _ => kind.ToString(),
    };
}
