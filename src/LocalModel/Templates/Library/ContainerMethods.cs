using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>
/// The methods of mappings and lists. Changing a list or mapping is allowed, which the sandbox of transformers refuses: published
/// templates do it.
/// </summary>
internal static class ContainerMethods
{
    public static TemplateCallable? Bind(TemplateDict dict, string name)
    {
        Func<CallArguments, object?>? method = name switch
        {
            "items" => _ => new TemplateList([.. dict.Items.Select(Pair)]),
            "keys" => _ => new TemplateList([.. dict.Keys]),
            "values" => _ => new TemplateList([.. dict.Items.Select(item => item.Value)]),
            "get" => a => dict.TryGet(a.Get(0, "key"), out var value) ? value : a.TryGet(1, "default", out var fallback) ? fallback : null,
            "copy" => _ => Copy(dict),
            "update" => a => Update(dict, a),
            "setdefault" => a => SetDefault(dict, a),
            "pop" => a => Pop(dict, a),
            _ => null,
        };
        return method is null ? null : new TemplateCallable(name, Charged(dict.Count, method));
    }

    public static TemplateCallable? Bind(TemplateList list, string name)
    {
        if (list.Kind == ListKind.Generator)
            return null;
        var items = list.Items;
        Func<CallArguments, object?>? method = name switch
        {
            "index" => a => (long)FindIndex(items, a.Get(0, "value")),
            "count" => a => (long)items.Count(item => PythonValue.AreEqual(item, a.Get(0, "value"))),
            _ when list.Kind == ListKind.Tuple => null,
            "append" => a => Change(() => items.Add(a.Get(0, "object"))),
            "extend" => a => Change(() => items.AddRange(PythonValue.Iterate(a.Get(0, "iterable")))),
            "insert" => a => Change(() => items.Insert(Position(items, a.GetInteger(0, "index", 0)), a.Get(1, "object"))),
            "remove" => a => Change(() => items.RemoveAt(FindIndex(items, a.Get(0, "value")))),
            "reverse" => _ => Change(items.Reverse),
            "pop" => a => Pop(items, a.GetInteger(0, "index", -1)),
            "copy" => _ => new TemplateList([.. items]),
            _ => null,
        };
        return method is null ? null : new TemplateCallable(name, Charged(items.Count, method));
    }

    public static TemplateList Pair(KeyValuePair<object?, object?> item) => new([item.Key, item.Value], ListKind.Tuple);

    private static Func<CallArguments, object?> Charged(int count, Func<CallArguments, object?> method) => arguments =>
    {
        RenderBudget.ChargeItems(count);
        return method(arguments);
    };

    private static object? Change(Action change)
    {
        change();
        return null;
    }

    private static TemplateDict Copy(TemplateDict dict)
    {
        var copy = new TemplateDict();
        foreach (var (key, item) in dict.Items)
            copy[key] = item;
        return copy;
    }

    private static object? Update(TemplateDict dict, CallArguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Positional[0] is TemplateDict other)
        {
            foreach (var (key, item) in other.Items.ToList())
                dict[key] = item;
        }
        foreach (var (key, item) in arguments.Named)
            dict.Set(key, item);
        return null;
    }

    private static object? SetDefault(TemplateDict dict, CallArguments arguments)
    {
        var key = arguments.Get(0, "key");
        if (!dict.TryGet(key, out var value))
            dict[key] = value = arguments.TryGet(1, "default", out var fallback) ? fallback : null;
        return value;
    }

    private static object? Pop(TemplateDict dict, CallArguments arguments)
    {
        var key = arguments.Get(0, "key");
        if (dict.TryGet(key, out var value))
            dict.Remove(key);
        else if (!arguments.TryGet(1, "default", out value))
            throw new TemplateException($"pop: no key {PythonText.Repr(key)}");
        return value;
    }

    private static object? Pop(List<object?> items, long index)
    {
        var at = index < 0 ? index + items.Count : index;
        if (at < 0 || at >= items.Count)
            throw new TemplateException("pop: index out of range");
        var value = items[(int)at];
        items.RemoveAt((int)at);
        return value;
    }

    private static int Position(List<object?> items, long index) =>
        (int)Math.Clamp(index < 0 ? index + items.Count : index, 0, items.Count);

    private static int FindIndex(List<object?> items, object? value)
    {
        var at = items.FindIndex(item => PythonValue.AreEqual(item, value));
        return at >= 0 ? at : throw new TemplateException($"{PythonText.Repr(value)} is not in the list");
    }
}
