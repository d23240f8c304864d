using System.Globalization;
using System.Numerics;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Syntax;

/// <summary>
/// Recursive descent over expressions, with the precedence of Jinja: conditional, or, and, not, comparison, + −, ~, * / // %, **, sign,
/// then postfix
/// (attribute, subscript, call) and filters and tests.
/// </summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly string[] ComparisonOperators = ["==", "!=", "<", "<=", ">", ">="];

    public Expression ParseExpression(bool withConditional = true) =>
        tokens.Nested(() => withConditional ? ParseConditional() : ParseOr());

    /// <summary>Parses one expression, or several with commas between, which make a tuple.</summary>
    public Expression ParseTuple(bool withConditional = true, bool explicitParentheses = false, string? endName = null)
    {
        var line = tokens.Current.Line;
        var items = new List<Expression>();
        var isTuple = false;
        while (!AtTupleEnd(endName))
        {
            items.Add(ParseExpression(withConditional));
            if (!tokens.SkipOperator(","))
                break;
            isTuple = true;
        }
        if (!isTuple && items.Count == 1)
            return items[0];
        if (!isTuple && !explicitParentheses)
            throw new TemplateException($"expected an expression, found {tokens.Current}", line);
        return new ListLiteral(items, IsTuple: true, line);
    }

    /// <summary>
    /// Parses what <c>set</c>, <c>for</c> and <c>with</c> assign to: a name, <c>namespace.attribute</c>, or a tuple of them.
    /// </summary>
    public Expression ParseTarget(bool withNamespace)
    {
        var line = tokens.Current.Line;
        var items = new List<Expression> { ParseSingleTarget(withNamespace) };
        var isTuple = false;
        while (tokens.SkipOperator(","))
        {
            isTuple = true;
            if (tokens.Current.Kind != TokenKind.Name && !tokens.AtOperator("("))
                break;
            if (tokens.AtName("in"))
                break;
            items.Add(ParseSingleTarget(withNamespace));
        }
        return isTuple ? new ListLiteral(items, IsTuple: true, line) : items[0];
    }

    /// <summary>
    /// Parses <c>name(arguments) | name …</c> behind <c>filter</c>, or <c>| name …</c> behind a block <c>set</c>; null when there is
    /// none.
    /// </summary>
    public Filter? ParseFilterChain(Expression? value, bool startInline)
    {
        Filter? filter = null;
        while (startInline || tokens.SkipOperator("|"))
        {
            startInline = false;
            var line = tokens.Current.Line;
            var name = ParseDottedName();
            var arguments = tokens.AtOperator("(") ? ParseArguments() : Arguments.None;
            filter = new Filter(filter ?? value, name, arguments, line);
        }
        return filter;
    }

    private bool AtTupleEnd(string? endName) =>
        tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd or TokenKind.End
        || tokens.AtOperator(")") || (endName is not null && tokens.AtName(endName));

    private Expression ParseSingleTarget(bool withNamespace)
    {
        if (tokens.SkipOperator("("))
        {
            var inner = tokens.Nested(() => ParseTarget(withNamespace));
            tokens.Expect(TokenKind.Operator, ")");
            return inner;
        }
        var name = tokens.Expect(TokenKind.Name);
        if (name.Text is "true" or "false" or "none" or "True" or "False" or "None")
            throw new TemplateException($"cannot assign to '{name.Text}'", name.Line);
        var variable = new Variable(name.Text, name.Line);
        return withNamespace && tokens.SkipOperator(".")
            ? new Attribute(variable, tokens.Expect(TokenKind.Name).Text, name.Line)
            : variable;
    }

    private Expression ParseConditional()
    {
        var line = tokens.Current.Line;
        var value = ParseOr();
        while (tokens.SkipName("if"))
        {
            var test = ParseOr();
            var otherwise = tokens.SkipName("else") ? ParseExpression() : null;
            value = new Conditional(test, value, otherwise, line);
        }
        return value;
    }

    private Expression ParseOr()
    {
        var line = tokens.Current.Line;
        var left = ParseAnd();
        while (tokens.SkipName("or"))
            left = new Logical(IsAnd: false, left, ParseAnd(), line);
        return left;
    }

    private Expression ParseAnd()
    {
        var line = tokens.Current.Line;
        var left = ParseNot();
        while (tokens.SkipName("and"))
            left = new Logical(IsAnd: true, left, ParseNot(), line);
        return left;
    }

    private Expression ParseNot()
    {
        var line = tokens.Current.Line;
        return tokens.SkipName("not") ? new Unary("not", tokens.Nested(ParseNot), line) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        var line = tokens.Current.Line;
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            var token = tokens.Current;
            if (token.Kind == TokenKind.Operator && ComparisonOperators.Contains(token.Text))
            {
                tokens.Next();
                rest.Add((token.Text, ParseSum()));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (tokens.AtName("not") && tokens.Look.Is(TokenKind.Name, "in"))
            {
                tokens.Next();
                tokens.Next();
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Comparison(first, rest, line);
            }
        }
    }

    private Expression ParseSum() => ParseLeftAssociative(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation()
    {
        var line = tokens.Current.Line;
        var first = ParseProduct();
        if (!tokens.AtOperator("~"))
            return first;
        var parts = new List<Expression> { first };
        while (tokens.SkipOperator("~"))
            parts.Add(ParseProduct());
        return new Concatenation(parts, line);
    }

    private Expression ParseProduct() => ParseLeftAssociative(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseLeftAssociative(() => ParseSigned(withFilters: true), "**");

    private Expression ParseLeftAssociative(Func<Expression> operand, params ReadOnlySpan<string> operators)
    {
        var line = tokens.Current.Line;
        var left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && operators.Contains(tokens.Current.Text))
            left = new Binary(tokens.Next().Text, left, operand(), line);
        return left;
    }

    private Expression ParseSigned(bool withFilters)
    {
        var token = tokens.Current;
        Expression value;
        if (tokens.SkipOperator("-") || tokens.SkipOperator("+"))
            value = new Unary(token.Text, tokens.Nested(() => ParseSigned(withFilters: false)), token.Line);
        else
            value = ParsePrimary();
        value = ParsePostfix(value);
        return withFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            var line = tokens.Current.Line;
            if (tokens.SkipOperator("."))
                value = ParseAttribute(value, line);
            else if (tokens.AtOperator("["))
                value = ParseSubscript(value, line);
            else if (tokens.AtOperator("("))
                value = new Call(value, ParseArguments(), line);
            else
                return value;
        }
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            var line = tokens.Current.Line;
            if (tokens.AtOperator("|"))
                value = ParseFilterChain(value, startInline: false)!;
            else if (tokens.SkipName("is"))
                value = ParseTest(value, line);
            else if (tokens.AtOperator("("))
                value = new Call(value, ParseArguments(), line);
            else
                return value;
        }
    }

    private Expression ParseTest(Expression value, int line)
    {
        var negated = tokens.SkipName("not");
        var name = ParseDottedName();
        var arguments = Arguments.None;
        var next = tokens.Current;
        if (tokens.AtOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsPrimary(next) && !(next.Kind == TokenKind.Name && next.Text is "else" or "or" or "and"))
        {
            if (next.Is(TokenKind.Name, "is"))
                throw new TemplateException("tests cannot be chained with 'is'", line);
            arguments = new Arguments([ParsePostfix(ParsePrimary())], [], null, null);
        }
        Expression test = new Test(value, name, arguments, line);
        return negated ? new Unary("not", test, line) : test;
    }

    private static bool StartsPrimary(Token token) =>
        token.Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float
        || (token.Kind == TokenKind.Operator && token.Text is "[" or "{");

    private string ParseDottedName()
    {
        var name = tokens.Expect(TokenKind.Name).Text;
        while (tokens.SkipOperator("."))
            name += "." + tokens.Expect(TokenKind.Name).Text;
        return name;
    }

    private Expression ParseAttribute(Expression target, int line)
    {
        if (tokens.Current.Kind == TokenKind.Integer)
            return new Subscript(target, new Constant(ParseInteger(tokens.Next()), line), line);
        return new Attribute(target, tokens.Expect(TokenKind.Name).Text, line);
    }

    private Expression ParseSubscript(Expression target, int line)
    {
        tokens.Expect(TokenKind.Operator, "[");
        var indices = new List<Expression>();
        while (!tokens.AtOperator("]"))
        {
            if (indices.Count > 0)
                tokens.Expect(TokenKind.Operator, ",");
            indices.Add(ParseIndex());
        }
        tokens.Expect(TokenKind.Operator, "]");
        return new Subscript(target, indices.Count == 1 ? indices[0] : new ListLiteral(indices, IsTuple: true, line), line);
    }

    private Expression ParseIndex()
    {
        var line = tokens.Current.Line;
        var start = tokens.AtOperator(":") ? null : ParseExpression();
        if (!tokens.SkipOperator(":"))
            return start!;
        var stop = AtIndexEnd() || tokens.AtOperator(":") ? null : ParseExpression();
        var step = tokens.SkipOperator(":") && !AtIndexEnd() ? ParseExpression() : null;
        return new SliceIndex(start, stop, step, line);
    }

    private bool AtIndexEnd() => tokens.AtOperator("]") || tokens.AtOperator(",");

    private Arguments ParseArguments()
    {
        var line = tokens.Expect(TokenKind.Operator, "(").Line;
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? starList = null, starDict = null;
        while (!tokens.AtOperator(")"))
        {
            if (tokens.SkipOperator("**"))
                starDict = ParseExpression();
            else if (tokens.SkipOperator("*"))
                starList = ParseExpression();
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Look.Is(TokenKind.Operator, "="))
                named.Add((tokens.Next().Text, ParseNamedValue()));
            else if (named.Count > 0 || starList is not null || starDict is not null)
                throw new TemplateException("a positional argument follows a named one", line);
            else
                positional.Add(ParseExpression());
            if (!tokens.SkipOperator(","))
                break;
        }
        tokens.Expect(TokenKind.Operator, ")");
        return new Arguments(positional, named, starList, starDict);
    }

    private Expression ParseNamedValue()
    {
        tokens.Expect(TokenKind.Operator, "=");
        return ParseExpression();
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Constant(true, token.Line),
                    "false" or "False" => new Constant(false, token.Line),
                    "none" or "None" => new Constant(null, token.Line),
                    _ => new Variable(token.Text, token.Line),
                };
            case TokenKind.String:
                var text = token.Text;
                while (tokens.Current.Kind == TokenKind.String)
                    text += tokens.Next().Text;
                return new Constant(TemplateText.Template(text), token.Line);
            case TokenKind.Integer:
                return new Constant(ParseInteger(token), token.Line);
            case TokenKind.Float:
                return new Constant(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Text == "(":
                var tuple = ParseTuple(explicitParentheses: true);
                tokens.Expect(TokenKind.Operator, ")");
                return tuple;
            case TokenKind.Operator when token.Text == "[":
                return ParseList(token.Line);
            case TokenKind.Operator when token.Text == "{":
                return ParseDict(token.Line);
            default:
                throw new TemplateException($"unexpected {token}", token.Line);
        }
    }

    private Expression ParseList(int line)
    {
        var items = new List<Expression>();
        while (!tokens.AtOperator("]"))
        {
            items.Add(ParseExpression());
            if (!tokens.SkipOperator(","))
                break;
        }
        tokens.Expect(TokenKind.Operator, "]");
        return new ListLiteral(items, IsTuple: false, line);
    }

    private Expression ParseDict(int line)
    {
        var items = new List<(Expression, Expression)>();
        while (!tokens.AtOperator("}"))
        {
            var key = ParseExpression();
            tokens.Expect(TokenKind.Operator, ":");
            items.Add((key, ParseExpression()));
            if (!tokens.SkipOperator(","))
                break;
        }
        tokens.Expect(TokenKind.Operator, "}");
        return new DictLiteral(items, line);
    }

    private static object ParseInteger(Token token) => PythonNumber.Normalize(BigInteger.Parse(token.Text, CultureInfo.InvariantCulture));
}
