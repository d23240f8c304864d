namespace AgentKit.Models.Templates.Syntax;

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>One token: template data, a delimiter, or a part of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Data, name, decoded string, number as written, or operator.</param>
/// <param name="Line">Line of its first character, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(TokenKind kind, string text) => Kind == kind && Text == text;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "end of template",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.Data => "template text",
        _ => $"'{Text}'",
    };
}
