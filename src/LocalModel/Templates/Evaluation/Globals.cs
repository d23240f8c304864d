using AgentKit.Models.Templates.Library;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Evaluation;

/// <summary>The functions every chat template may call.</summary>
internal static class Globals
{
    public static Scope Create(TimeProvider time)
    {
        var scope = new Scope(null);
        Define(scope, "namespace", CreateNamespace);
        Define(scope, "dict", CreateDict);
        Define(scope, "range", CreateRange);
        Define(scope, "raise_exception", arguments => throw new TemplateException(PythonText.Str(arguments.Get(0, "message")).Value));
        Define(scope, "strftime_now", arguments =>
            TemplateText.Template(Strftime.Format(time.GetLocalNow(), arguments.GetText(0, "format").Value)));
        return scope;
    }

    private static void Define(Scope scope, string name, Func<CallArguments, object?> body) =>
        scope[name] = new TemplateCallable(name, body);

    private static TemplateNamespace CreateNamespace(CallArguments arguments)
    {
        var ns = new TemplateNamespace();
        foreach (var (key, value) in CreateDict(arguments).Items)
            ns.Attributes[PythonText.Str(key).Value] = value;
        return ns;
    }

    private static TemplateDict CreateDict(CallArguments arguments)
    {
        var dict = new TemplateDict();
        if (arguments.Positional.Count > 0 && arguments.Positional[0] is TemplateDict source)
        {
            foreach (var (key, value) in source.Items)
                dict[key] = value;
        }
        else if (arguments.Positional.Count > 0)
        {
            foreach (var pair in PythonValue.Iterate(arguments.Positional[0]))
            {
                if (PythonValue.Iterate(pair) is not [var key, var value])
                    throw new TemplateException("dict: expected pairs");
                dict[key] = value;
            }
        }
        foreach (var (name, value) in arguments.Named)
            dict.Set(name, value);
        return dict;
    }

    private static TemplateList CreateRange(CallArguments arguments)
    {
        var hasStop = arguments.TryGet(1, "stop", out _);
        var start = hasStop ? arguments.GetInteger(0, "start", 0) : 0;
        var stop = arguments.GetInteger(hasStop ? 1 : 0, "stop", 0);
        var step = arguments.GetInteger(2, "step", 1);
        if (step == 0)
            throw new TemplateException("range: step cannot be zero");
        var items = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            RenderBudget.ChargeSteps(1);
            items.Add(i);
        }
        return new TemplateList(items);
    }
}
