using AgentKit.Models.Templates.Library;
using AgentKit.Models.Templates.Syntax;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Evaluation;

/// <summary>Computes expressions, with Python's meaning of every operator.</summary>
internal sealed class ExpressionEvaluator
{
    /// <summary>Line of the node evaluated last, for error messages.</summary>
    public int Line { get; set; }

    public object? Evaluate(Expression expression, Scope scope)
    {
        RenderBudget.Enter();
        Line = expression.Line;
        var value = expression switch
        {
            Constant constant => constant.Value,
            Variable variable => scope[variable.Name],
            Syntax.Attribute attribute => EvaluateAttribute(attribute, scope),
            Subscript { Index: SliceIndex slice } subscript => EvaluateSlice(subscript.Target, slice, scope),
            Subscript subscript => EvaluateSubscript(subscript, scope),
            Call call => EvaluateCall(call, scope),
            Filter filter => ApplyFilter(filter, Evaluate(filter.Value!, scope), scope),
            Test test => EvaluateTest(test, scope),
            Logical logical => EvaluateLogical(logical, scope),
            Comparison comparison => EvaluateComparison(comparison, scope),
            Unary unary => EvaluateUnary(unary, scope),
            Binary binary => EvaluateBinary(binary, scope),
            Concatenation concatenation => EvaluateConcatenation(concatenation, scope),
            Conditional conditional => EvaluateConditional(conditional, scope),
            ListLiteral list => EvaluateList(list, scope),
            DictLiteral dict => EvaluateDict(dict, scope),
            _ => throw new TemplateException("a slice stands outside of a subscript", expression.Line),
        };
        RenderBudget.Leave();
        return value;
    }

    /// <summary>Applies a chain of filters whose innermost value is given, as filter blocks and block assignments do.</summary>
    public object? ApplyChain(Filter filter, object? innermost, Scope scope) =>
        ApplyFilter(filter, filter.Value is Filter inner ? ApplyChain(inner, innermost, scope) : innermost, scope);

    /// <summary>Evaluates a call with additional named arguments in front.</summary>
    public object? EvaluateCall(Call call, Scope scope, params IReadOnlyList<KeyValuePair<string, object?>> extra)
    {
        var target = Evaluate(call.Target, scope);
        var arguments = EvaluateArguments(call.Arguments, scope, extra);
        Line = call.Line;
        return target switch
        {
            TemplateCallable callable => callable.Invoke(arguments),
            LoopState { Recurse: { } recurse } => recurse(arguments.Get(0, "iterable")),
            Undefined undefined => throw new TemplateException($"call of something undefined: {undefined.Reason}"),
            _ => throw new TemplateException($"a {PythonValue.TypeName(target)} cannot be called"),
        };
    }

    private object? EvaluateAttribute(Syntax.Attribute attribute, Scope scope)
    {
        var target = Evaluate(attribute.Target, scope);
        Line = attribute.Line;
        return Access.Attribute(target, attribute.Name);
    }

    private object? EvaluateSubscript(Subscript subscript, Scope scope)
    {
        var target = Evaluate(subscript.Target, scope);
        var index = Evaluate(subscript.Index, scope);
        Line = subscript.Line;
        return Access.Item(target, index);
    }

    private object? EvaluateSlice(Expression target, SliceIndex slice, Scope scope) => Access.Slice(
        Evaluate(target, scope),
        slice.Start is null ? null : Evaluate(slice.Start, scope),
        slice.Stop is null ? null : Evaluate(slice.Stop, scope),
        slice.Step is null ? null : Evaluate(slice.Step, scope));

    private object? ApplyFilter(Filter filter, object? value, Scope scope)
    {
        var arguments = EvaluateArguments(filter.Arguments, scope, []);
        Line = filter.Line;
        return Filters.Apply(filter.Name, value, arguments);
    }

    private object EvaluateTest(Test test, Scope scope)
    {
        var value = Evaluate(test.Value, scope);
        var arguments = EvaluateArguments(test.Arguments, scope, []);
        Line = test.Line;
        return Tests.Apply(test.Name, value, arguments);
    }

    private CallArguments EvaluateArguments(Arguments arguments, Scope scope, IReadOnlyList<KeyValuePair<string, object?>> extra)
    {
        if (ReferenceEquals(arguments, Arguments.None) && extra.Count == 0)
            return CallArguments.None;
        var positional = new List<object?>();
        foreach (var argument in arguments.Positional)
            positional.Add(Evaluate(argument, scope));
        if (arguments.StarList is not null)
            positional.AddRange(PythonValue.Iterate(Evaluate(arguments.StarList, scope)));
        var named = new List<KeyValuePair<string, object?>>(extra);
        foreach (var (name, value) in arguments.Named)
            named.Add(KeyValuePair.Create(name, Evaluate(value, scope)));
        if (arguments.StarDict is not null)
        {
            if (Evaluate(arguments.StarDict, scope) is not TemplateDict dict)
                throw new TemplateException("'**' needs a mapping");
            named.AddRange(dict.Items.Select(item => KeyValuePair.Create(PythonText.Str(item.Key).Value, item.Value)));
        }
        return new CallArguments(positional, named);
    }

    private object? EvaluateLogical(Logical logical, Scope scope)
    {
        var left = Evaluate(logical.Left, scope);
        return PythonValue.IsTrue(left) == logical.IsAnd ? Evaluate(logical.Right, scope) : left;
    }

    private object EvaluateComparison(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (op, expression) in comparison.Rest)
        {
            var right = Evaluate(expression, scope);
            Line = comparison.Line;
            var holds = op switch
            {
                "==" => PythonValue.AreEqual(left, right),
                "!=" => !PythonValue.AreEqual(left, right),
                "<" => PythonValue.Compare(left, right) < 0,
                "<=" => PythonValue.Compare(left, right) <= 0,
                ">" => PythonValue.Compare(left, right) > 0,
                ">=" => PythonValue.Compare(left, right) >= 0,
                "in" => PythonValue.Contains(right, left),
                _ => !PythonValue.Contains(right, left),
            };
            if (!holds)
                return false;
            left = right;
        }
        return true;
    }

    private object EvaluateUnary(Unary unary, Scope scope)
    {
        var value = Evaluate(unary.Operand, scope);
        Line = unary.Line;
        if (unary.Operator == "not")
            return !PythonValue.IsTrue(value);
        return Operators.Apply(unary.Operator, 0L, PythonNumber.IsNumber(value)
            ? value
            : throw new TemplateException($"a sign needs a number, not {PythonValue.TypeName(value)}"));
    }

    private object EvaluateBinary(Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        var right = Evaluate(binary.Right, scope);
        Line = binary.Line;
        return Operators.Apply(binary.Operator, left, right);
    }

    private TemplateText EvaluateConcatenation(Concatenation concatenation, Scope scope)
    {
        var output = new TextBuilder();
        foreach (var part in concatenation.Parts)
            output.Append(PythonText.Str(Evaluate(part, scope)));
        return output.ToText();
    }

    private object? EvaluateConditional(Conditional conditional, Scope scope)
    {
        if (PythonValue.IsTrue(Evaluate(conditional.Test, scope)))
            return Evaluate(conditional.Then, scope);
        return conditional.Else is null ? new Undefined("the inline 'if' was false and has no 'else'") : Evaluate(conditional.Else, scope);
    }

    private TemplateList EvaluateList(ListLiteral list, Scope scope)
    {
        var items = new List<object?>(list.Items.Count);
        foreach (var item in list.Items)
            items.Add(Evaluate(item, scope));
        return new TemplateList(items, list.IsTuple ? ListKind.Tuple : ListKind.List);
    }

    private TemplateDict EvaluateDict(DictLiteral literal, Scope scope)
    {
        var dict = new TemplateDict();
        foreach (var (key, value) in literal.Items)
            dict[Evaluate(key, scope)] = Evaluate(value, scope);
        return dict;
    }
}
