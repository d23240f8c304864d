using AgentKit.Models.Templates.Syntax;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Evaluation;

/// <summary>Executes the statements of a template.</summary>
internal sealed class StatementExecutor
{
    private readonly ExpressionEvaluator _expressions = new();

    /// <summary>How a body ended: at its end, or by a jump of the loop around it.</summary>
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Runs a whole template and returns what it printed.</summary>
    /// <exception cref="TemplateException">The template fails; names the line.</exception>
    public TemplateText Run(IReadOnlyList<Statement> body, Scope scope)
    {
        try
        {
            return Capture(body, scope);
        }
        catch (TemplateException e) when (e.Line == 0)
        {
            throw new TemplateException(e.Reason, _expressions.Line, e.InnerException);
        }
    }

    private TemplateText Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        var output = new TextBuilder();
        ExecuteBody(body, scope, output);
        return output.ToText();
    }

    private Flow ExecuteBody(IReadOnlyList<Statement> body, Scope scope, TextBuilder output)
    {
        foreach (var statement in body)
        {
            RenderBudget.Enter();
            var flow = Execute(statement, scope, output);
            RenderBudget.Leave();
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    private Flow Execute(Statement statement, Scope scope, TextBuilder output)
    {
        _expressions.Line = statement.Line;
        switch (statement)
        {
            case OutputText text:
                output.Append(text.Text);
                return Flow.Next;
            case OutputExpression expression:
                output.Append(PythonText.Str(_expressions.Evaluate(expression.Value, scope)));
                return Flow.Next;
            case If branch:
                return ExecuteIf(branch, scope, output);
            case For loop:
                ExecuteFor(loop, _expressions.Evaluate(loop.Items, scope), scope, output, depth: 0);
                return Flow.Next;
            case Set set:
                Assign(set.Target, _expressions.Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlock set:
                var captured = Capture(set.Body, new Scope(scope));
                Assign(set.Target, set.Filter is null ? captured : _expressions.ApplyChain(set.Filter, captured, scope), scope);
                return Flow.Next;
            case Macro macro:
                scope[macro.Name] = new TemplateCallable(macro.Name, arguments => Invoke(macro.Name, macro.Parameters, macro.Body,
                    arguments, scope));
                return Flow.Next;
            case CallBlock block:
                ExecuteCallBlock(block, scope, output);
                return Flow.Next;
            case FilterBlock block:
                output.Append(PythonText.Str(_expressions.ApplyChain(block.Filter, Capture(block.Body, new Scope(scope)), scope)));
                return Flow.Next;
            case With with:
                return ExecuteWith(with, scope, output);
            case Generation generation:
                return ExecuteBody(generation.Body, new Scope(scope), output);
            case LoopJump jump:
                return jump.IsBreak ? Flow.Break : Flow.Continue;
            default:
                throw new TemplateException($"unknown statement {statement.GetType().Name}", statement.Line);
        }
    }

    private Flow ExecuteIf(If statement, Scope scope, TextBuilder output)
    {
        foreach (var (test, body) in statement.Branches)
        {
            if (PythonValue.IsTrue(_expressions.Evaluate(test, scope)))
                return ExecuteBody(body, scope, output);
        }
        return ExecuteBody(statement.Else, scope, output);
    }

    private void ExecuteFor(For loop, object? iterable, Scope scope, TextBuilder output, int depth)
    {
        _expressions.Line = loop.Line;
        var items = SelectItems(loop, iterable, scope);
        Func<object?, object?>? recurse = !loop.IsRecursive ? null : inner =>
        {
            var nested = new TextBuilder();
            ExecuteFor(loop, inner, scope, nested, depth + 1);
            return nested.ToText();
        };
        var state = new LoopState(items, depth, recurse);
        for (var i = 0; i < items.Count; i++)
        {
            state.Index = i;
            var body = new Scope(scope) { ["loop"] = state };
            Assign(loop.Target, items[i], body);
            if (ExecuteBody(loop.Body, body, output) == Flow.Break)
                return;
        }
        if (items.Count == 0)
            ExecuteBody(loop.Else, new Scope(scope), output);
    }

    /// <summary>The items of a loop that pass its condition; a copy, so that the body may change the list.</summary>
    private List<object?> SelectItems(For loop, object? iterable, Scope scope)
    {
        var items = PythonValue.Iterate(iterable);
        RenderBudget.ChargeItems(items.Count);
        if (loop.Condition is null)
            return [.. items];
        var selected = new List<object?>();
        foreach (var item in items)
        {
            var inner = new Scope(scope);
            Assign(loop.Target, item, inner);
            if (PythonValue.IsTrue(_expressions.Evaluate(loop.Condition, inner)))
                selected.Add(item);
        }
        return selected;
    }

    private Flow ExecuteWith(With with, Scope scope, TextBuilder output)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in with.Bindings)
            Assign(target, _expressions.Evaluate(value, scope), inner);
        return ExecuteBody(with.Body, inner, output);
    }

    private void ExecuteCallBlock(CallBlock block, Scope scope, TextBuilder output)
    {
        var caller = new TemplateCallable("caller", arguments => Invoke("caller", block.Parameters, block.Body, arguments, scope));
        output.Append(PythonText.Str(_expressions.EvaluateCall(block.Call, scope, KeyValuePair.Create<string, object?>("caller", caller))));
    }

    private TemplateText Invoke(
        string name, IReadOnlyList<Parameter> parameters, IReadOnlyList<Statement> body, CallArguments arguments, Scope definition)
    {
        RenderBudget.Enter();
        var scope = new Scope(definition) { ["caller"] = new Undefined("'caller' is undefined: the macro was not used with 'call'") };
        var rest = new TemplateDict();
        foreach (var (key, value) in arguments.Named)
        {
            if (key == "caller")
                scope[key] = value;
            else if (!parameters.Any(parameter => parameter.Name == key))
                rest.Set(key, value);
        }
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            if (arguments.TryGet(i, parameter.Name, out var value))
                scope[parameter.Name] = value;
            else
                scope[parameter.Name] = parameter.Default is null
                    ? new Undefined($"parameter '{parameter.Name}' of '{name}' was not given")
                    : _expressions.Evaluate(parameter.Default, scope);
        }
        scope["varargs"] = new TemplateList([.. arguments.Positional.Skip(parameters.Count)], ListKind.Tuple);
        scope["kwargs"] = rest;
        var result = Capture(body, scope);
        RenderBudget.Leave();
        return result;
    }

    private void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Variable variable:
                scope[variable.Name] = value;
                break;
            case Syntax.Attribute { Target: Variable owner } attribute:
                if (scope[owner.Name] is not TemplateNamespace ns)
                    throw new TemplateException($"cannot assign attribute '{attribute.Name}': '{owner.Name}' is not a namespace",
                        attribute.Line);
                ns.Attributes[attribute.Name] = value;
                break;
            case ListLiteral tuple:
                var items = PythonValue.Iterate(value);
                if (items.Count != tuple.Items.Count)
                    throw new TemplateException($"cannot unpack {items.Count} values into {tuple.Items.Count} names", target.Line);
                for (var i = 0; i < items.Count; i++)
                    Assign(tuple.Items[i], items[i], scope);
                break;
        }
    }
}
