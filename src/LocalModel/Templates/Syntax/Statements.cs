namespace AgentKit.Models.Templates.Syntax;

/// <summary>A statement of a template.</summary>
/// <param name="Line">Line of its first token, from 1.</param>
internal abstract record Statement(int Line);

internal sealed record OutputText(string Text, int Line) : Statement(Line);

internal sealed record OutputExpression(Expression Value, int Line) : Statement(Line);

/// <summary><c>if</c> with its <c>elif</c> branches in order, and the <c>else</c> body (empty when absent).</summary>
internal sealed record If(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else, int Line)
    : Statement(Line);

internal sealed record For(
    Expression Target, Expression Items, Expression? Condition, bool IsRecursive, IReadOnlyList<Statement> Body,
        IReadOnlyList<Statement> Else, int Line)
    : Statement(Line);

internal sealed record Set(Expression Target, Expression Value, int Line) : Statement(Line);

/// <summary><c>{% set x %}…{% endset %}</c>; the filter chain is null when absent.</summary>
internal sealed record SetBlock(Expression Target, Filter? Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record With(IReadOnlyList<(Expression Target, Expression Value)> Bindings, IReadOnlyList<Statement> Body, int Line)
    : Statement(Line);

internal sealed record Macro(string Name, IReadOnlyList<Parameter> Parameters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record CallBlock(IReadOnlyList<Parameter> Parameters, Call Call, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record FilterBlock(Filter Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% generation %}</c>: marks what the model wrote for training masks; it prints its body.</summary>
internal sealed record Generation(IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record LoopJump(bool IsBreak, int Line) : Statement(Line);

/// <summary>A macro parameter; the default is null when the parameter has none.</summary>
internal sealed record Parameter(string Name, Expression? Default);
