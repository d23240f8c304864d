namespace AgentKit.Models.Templates.Syntax;

/// <summary>Builds the statements of a template from its tokens.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;

    private StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
    }

    /// <summary>Parses a whole template.</summary>
    /// <exception cref="TemplateException">The source is malformed or nested too deeply; names the line.</exception>
    public static IReadOnlyList<Statement> Parse(string source, TemplateLimits limits)
    {
        if (source.Length > limits.SourceLength)
            throw new TemplateException($"Chat template: {source.Length} characters long, at most {limits.SourceLength} are allowed.");
        var parser = new StatementParser(new TokenStream(TemplateLexer.Tokenize(source), limits.Depth));
        return parser.ParseBody([]);
    }

    /// <summary>
    /// Parses statements up to a block that starts with one of <paramref name="ends"/>, whose name is left as the current token.
    /// </summary>
    private List<Statement> ParseBody(string[] ends)
    {
        var body = new List<Statement>();
        while (true)
        {
            var token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.End when ends.Length == 0:
                    return body;
                case TokenKind.End:
                    throw new TemplateException($"the template ends where '{string.Join("' or '", ends)}' was expected", token.Line);
                case TokenKind.Data:
                    body.Add(new OutputText(token.Text, token.Line));
                    break;
                case TokenKind.VariableBegin:
                    body.Add(new OutputExpression(_expressions.ParseTuple(), token.Line));
                    _tokens.Expect(TokenKind.VariableEnd);
                    break;
                default:
                    if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
                        return body;
                    body.Add(_tokens.Nested(ParseStatement));
                    _tokens.Expect(TokenKind.BlockEnd);
                    break;
            }
        }
    }

    private Statement ParseStatement()
    {
        var name = _tokens.Expect(TokenKind.Name);
        return name.Text switch
        {
            "if" => ParseIf(name.Line),
            "for" => ParseFor(name.Line),
            "set" => ParseSet(name.Line),
            "macro" => ParseMacro(name.Line),
            "call" => ParseCallBlock(name.Line),
            "filter" => ParseFilterBlock(name.Line),
            "with" => ParseWith(name.Line),
            "generation" => new Generation(ParseBlock("endgeneration"), name.Line),
            "break" => new LoopJump(IsBreak: true, name.Line),
            "continue" => new LoopJump(IsBreak: false, name.Line),
            "include" or "import" or "from" or "extends" =>
                throw new TemplateException($"'{name.Text}' is not available: a chat template stands alone", name.Line),
            _ => throw new TemplateException($"unknown statement '{name.Text}'", name.Line),
        };
    }

    /// <summary>Parses <c>%} body {% end</c>.</summary>
    private List<Statement> ParseBlock(string end)
    {
        _tokens.Expect(TokenKind.BlockEnd);
        var body = ParseBody([end]);
        _tokens.Next();
        return body;
    }

    private If ParseIf(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        while (true)
        {
            var test = _expressions.ParseTuple(withConditional: false);
            _tokens.Expect(TokenKind.BlockEnd);
            branches.Add((test, ParseBody(["elif", "else", "endif"])));
            switch (_tokens.Next().Text)
            {
                case "elif":
                    continue;
                case "else":
                    return new If(branches, ParseBlock("endif"), line);
                default:
                    return new If(branches, [], line);
            }
        }
    }

    private For ParseFor(int line)
    {
        var target = _expressions.ParseTarget(withNamespace: false);
        _tokens.Expect(TokenKind.Name, "in");
        var items = _expressions.ParseTuple(withConditional: false, endName: "recursive");
        var condition = _tokens.SkipName("if") ? _expressions.ParseExpression() : null;
        var isRecursive = _tokens.SkipName("recursive");
        _tokens.Expect(TokenKind.BlockEnd);
        var body = ParseBody(["endfor", "else"]);
        var otherwise = _tokens.Next().Text == "else" ? ParseBlock("endfor") : [];
        return new For(target, items, condition, isRecursive, body, otherwise, line);
    }

    private Statement ParseSet(int line)
    {
        var target = _expressions.ParseTarget(withNamespace: true);
        if (_tokens.SkipOperator("="))
            return new Set(target, _expressions.ParseTuple(), line);
        var filter = _expressions.ParseFilterChain(null, startInline: false);
        return new SetBlock(target, filter, ParseBlock("endset"), line);
    }

    private Macro ParseMacro(int line)
    {
        var name = _tokens.Expect(TokenKind.Name).Text;
        var parameters = ParseParameters();
        return new Macro(name, parameters, ParseBlock("endmacro"), line);
    }

    private CallBlock ParseCallBlock(int line)
    {
        var parameters = _tokens.AtOperator("(") ? ParseParameters() : [];
        if (_expressions.ParseExpression() is not Call call)
            throw new TemplateException("'call' must be followed by a call", line);
        return new CallBlock(parameters, call, ParseBlock("endcall"), line);
    }

    private FilterBlock ParseFilterBlock(int line)
    {
        var filter = _expressions.ParseFilterChain(null, startInline: true)!;
        return new FilterBlock(filter, ParseBlock("endfilter"), line);
    }

    private With ParseWith(int line)
    {
        var bindings = new List<(Expression, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
                _tokens.Expect(TokenKind.Operator, ",");
            var target = _expressions.ParseTarget(withNamespace: false);
            _tokens.Expect(TokenKind.Operator, "=");
            bindings.Add((target, _expressions.ParseExpression()));
        }
        return new With(bindings, ParseBlock("endwith"), line);
    }

    private List<Parameter> ParseParameters()
    {
        var parameters = new List<Parameter>();
        _tokens.Expect(TokenKind.Operator, "(");
        while (!_tokens.AtOperator(")"))
        {
            if (parameters.Count > 0)
                _tokens.Expect(TokenKind.Operator, ",");
            var name = _tokens.Expect(TokenKind.Name);
            var fallback = _tokens.SkipOperator("=") ? _expressions.ParseExpression() : null;
            if (fallback is null && parameters.Count > 0 && parameters[^1].Default is not null)
                throw new TemplateException($"parameter '{name.Text}' needs a default like the one before it", name.Line);
            parameters.Add(new Parameter(name.Text, fallback));
        }
        _tokens.Expect(TokenKind.Operator, ")");
        return parameters;
    }
}
