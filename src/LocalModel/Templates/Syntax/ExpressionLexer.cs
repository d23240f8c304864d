namespace AgentKit.Models.Templates.Syntax;

/// <summary>Cuts the inside of <c>{{ … }}</c> or <c>{% … %}</c> into tokens, up to and including the closing delimiter.</summary>
/// <param name="owner">The template lexer, which holds the position and takes the tokens.</param>
/// <param name="close">First character of the closing delimiter.</param>
internal sealed class ExpressionLexer(TemplateLexer owner, char close)
{
    private static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", ">", "<", "=", ".", ",", ":", "|", "(", ")", "[", "]", "{",
            "}", ";",
    ];

    private readonly Stack<char> _open = new();

    public void Run()
    {
        var start = owner.Line;
        while (true)
        {
            if (_open.Count == 0 && TryClose())
                return;
            if (owner.Position >= owner.Source.Length)
                throw new TemplateException(close == '%' ? "block is not closed with '%}'" : "expression is not closed with '}}'", start);
            var c = owner.Source[owner.Position];
            if (TemplateLexer.IsSpace(c))
                owner.SkipSpace();
            else if (c is '\'' or '"')
                ReadString(c);
            else if (char.IsAsciiDigit(c))
                ReadNumber();
            else if (IsNameStart(c))
                ReadWhile(TokenKind.Name, static c => IsNameStart(c) || char.IsDigit(c));
            else
                ReadOperator();
        }
    }

    private bool TryClose()
    {
        var source = owner.Source;
        var at = owner.Position;
        var sign = at < source.Length ? source[at] : '\0';
        if (sign == '-' || (sign == '+' && close == '%'))
            at++;
        else
            sign = '\0';
        if (at + 1 >= source.Length || source[at] != close || source[at + 1] != '}')
            return false;
        owner.Emit(close == '%' ? TokenKind.BlockEnd : TokenKind.VariableEnd, "");
        owner.Advance(at + 2);
        if (close == '%')
            owner.AfterBlock(sign);
        else if (sign == '-')
            owner.SkipSpace();
        return true;
    }

    private void ReadString(char quote)
    {
        var source = owner.Source;
        var start = owner.Position + 1;
        var at = start;
        while (at < source.Length && source[at] != quote)
            at += source[at] == '\\' ? 2 : 1;
        if (at >= source.Length)
            throw new TemplateException("string is not closed", owner.Line);
        owner.Emit(TokenKind.String, TemplateLexer.Unescape(source.AsSpan(start, at - start), owner.Line));
        owner.Advance(at + 1);
    }

    private void ReadNumber()
    {
        var source = owner.Source;
        var at = SkipDigits(owner.Position);
        var isFloat = false;
        var previous = owner.Position > 0 ? source[owner.Position - 1] : '\0';
        if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]) && previous != '.')
        {
            isFloat = true;
            at = SkipDigits(at + 1);
        }
        if (at < source.Length && source[at] is 'e' or 'E' && previous != '.')
        {
            var exponent = at + 1 < source.Length && source[at + 1] is '+' or '-' ? at + 2 : at + 1;
            if (exponent < source.Length && char.IsAsciiDigit(source[exponent]))
            {
                isFloat = true;
                at = SkipDigits(exponent);
            }
        }
        owner.Emit(isFloat ? TokenKind.Float : TokenKind.Integer, source[owner.Position..at].Replace("_", ""));
        owner.Advance(at);
    }

    private int SkipDigits(int at)
    {
        var source = owner.Source;
        while (at < source.Length && (char.IsAsciiDigit(source[at]) || (source[at] == '_' && at + 1 < source.Length
            && char.IsAsciiDigit(source[at + 1]))))
            at++;
        return at;
    }

    private void ReadWhile(TokenKind kind, Func<char, bool> accept)
    {
        var at = owner.Position;
        while (at < owner.Source.Length && accept(owner.Source[at]))
            at++;
        owner.Emit(kind, owner.Source[owner.Position..at]);
        owner.Advance(at);
    }

    private void ReadOperator()
    {
        var rest = owner.Source.AsSpan(owner.Position);
        foreach (var op in Operators)
        {
            if (!rest.StartsWith(op, StringComparison.Ordinal))
                continue;
            Balance(op[0]);
            owner.Emit(TokenKind.Operator, op);
            owner.Advance(owner.Position + op.Length);
            return;
        }
        throw new TemplateException($"unexpected character '{rest[0]}'", owner.Line);
    }

    private void Balance(char c)
    {
        if (c is '(' or '[' or '{')
            _open.Push(c switch { '(' => ')', '[' => ']', _ => '}' });
        else if (c is ')' or ']' or '}' && (_open.Count == 0 || _open.Pop() != c))
            throw new TemplateException($"unexpected '{c}'", owner.Line);
    }

    private static bool IsNameStart(char c) => char.IsLetter(c) || c == '_';
}
