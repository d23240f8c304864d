namespace AgentKit.Models.Templates.Syntax;

/// <summary>An expression of a template.</summary>
/// <param name="Line">Line of its first token, from 1.</param>
internal abstract record Expression(int Line);

internal sealed record Constant(object? Value, int Line) : Expression(Line);

internal sealed record Variable(string Name, int Line) : Expression(Line);

internal sealed record ListLiteral(IReadOnlyList<Expression> Items, bool IsTuple, int Line) : Expression(Line);

internal sealed record DictLiteral(IReadOnlyList<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

internal sealed record Attribute(Expression Target, string Name, int Line) : Expression(Line);

internal sealed record Subscript(Expression Target, Expression Index, int Line) : Expression(Line);

/// <summary><c>start:stop:step</c> inside a subscript; missing parts are null.</summary>
internal sealed record SliceIndex(Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

internal sealed record Call(Expression Target, Arguments Arguments, int Line) : Expression(Line);

/// <summary><c>value | name(arguments)</c>; the value is null in a filter block, where the body takes its place.</summary>
internal sealed record Filter(Expression? Value, string Name, Arguments Arguments, int Line) : Expression(Line);

internal sealed record Test(Expression Value, string Name, Arguments Arguments, int Line) : Expression(Line);

internal sealed record Unary(string Operator, Expression Operand, int Line) : Expression(Line);

internal sealed record Binary(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>and</c> / <c>or</c>: short-circuit, and the result is one of the operands.</summary>
internal sealed record Logical(bool IsAnd, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary>A chain such as <c>a &lt; b &lt;= c</c>.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest, int Line) : Expression(Line);

internal sealed record Concatenation(IReadOnlyList<Expression> Parts, int Line) : Expression(Line);

internal sealed record Conditional(Expression Test, Expression Then, Expression? Else, int Line) : Expression(Line);

/// <summary>Arguments of a call as written: positional, named, and the starred ones.</summary>
internal sealed record Arguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? StarList, Expression? StarDict)
{
    public static Arguments None { get; } = new([], [], null, null);
}
