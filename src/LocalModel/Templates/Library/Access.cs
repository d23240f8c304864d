using System.Numerics;
using AgentKit.Models.Templates.Evaluation;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Attributes, items and slices.</summary>
internal static class Access
{
    /// <summary><c>target.name</c>: an attribute or method first, then the item with that key.</summary>
    public static object? Attribute(object? target, string name)
    {
        var member = Member(target, name);
        if (member is not null)
            return member;
        switch (target)
        {
            case Undefined undefined:
                throw new TemplateException($"'{name}' of something undefined: {undefined.Reason}");
            case TemplateNamespace ns when ns.Attributes.TryGetValue(name, out var value):
                return value;
            case LoopState loop when loop.TryGetAttribute(name, out var value):
                return value;
            case TemplateDict dict when dict.TryGet(name, out var value):
                return value;
            default:
                return new Undefined($"{PythonValue.TypeName(target)} has no attribute '{name}'");
        }
    }

    /// <summary><c>target[index]</c>: the item first, then, for a string index, the attribute or method.</summary>
    public static object? Item(object? target, object? index)
    {
        switch (target)
        {
            case Undefined undefined:
                throw new TemplateException($"item of something undefined: {undefined.Reason}");
            case TemplateDict dict when dict.TryGet(index, out var value):
                return value;
            case TemplateList { Kind: not ListKind.Generator } list when index is long or bool:
                return ListItem(list, (long)PythonNumber.ToInteger(index));
            case TemplateText text when index is long or bool:
                return Character(text, (long)PythonNumber.ToInteger(index));
            default:
                return index is TemplateText name ? Attribute(target, name.Value) : Missing(target, index);
        }
    }

    /// <summary>Follows a path such as <c>function.name</c> or <c>0.role</c>, as the filters with <c>attribute=</c> do.</summary>
    public static object? Path(object? target, object? path)
    {
        if (path is not TemplateText text)
            return Item(target, path);
        foreach (var part in text.Value.Split('.'))
            target = Item(target, long.TryParse(part, out var index) ? index : TemplateText.Template(part));
        return target;
    }

    /// <summary><c>target[start:stop:step]</c>.</summary>
    public static object? Slice(object? target, object? start, object? stop, object? step)
    {
        switch (target)
        {
            case Undefined undefined:
                throw new TemplateException($"slice of something undefined: {undefined.Reason}");
            case TemplateText text:
                return SliceText(text, start, stop, step);
            case TemplateList { Kind: not ListKind.Generator } list:
                var items = Indices(list.Items.Count, start, stop, step).Select(i => list.Items[i]).ToList();
                RenderBudget.ChargeItems(items.Count);
                return new TemplateList(items, list.Kind);
            default:
                return new Undefined($"{PythonValue.TypeName(target)} cannot be sliced");
        }
    }

    private static object? Member(object? target, string name) => target switch
    {
        TemplateText text => StringMethods.Bind(text, name),
        TemplateDict dict => ContainerMethods.Bind(dict, name),
        TemplateList list => ContainerMethods.Bind(list, name),
        _ => null,
    };

    private static object? ListItem(TemplateList list, long index)
    {
        var at = index < 0 ? index + list.Items.Count : index;
        return at >= 0 && at < list.Items.Count ? list.Items[(int)at] : Missing(list, index);
    }

    private static object Character(TemplateText text, long index)
    {
        var length = text.Length;
        var at = index < 0 ? index + length : index;
        if (at < 0 || at >= length)
            return Missing(text, index);
        var offset = text.OffsetOf((int)at);
        return text.Slice(offset, text.OffsetOf((int)at + 1) - offset);
    }

    private static Undefined Missing(object? target, object? index) =>
        new($"{PythonValue.TypeName(target)} has no item {PythonText.Repr(index)}");

    private static TemplateText SliceText(TemplateText text, object? start, object? stop, object? step)
    {
        var indices = Indices(text.Length, start, stop, step);
        if (indices.Count == 0)
            return TemplateText.Empty;
        if (step is null or 1L)
        {
            var from = text.OffsetOf(indices[0]);
            return text.Slice(from, text.OffsetOf(indices[^1] + 1) - from);
        }
        var characters = text.CodePoints().ToList();
        var output = new TextBuilder();
        foreach (var index in indices)
            output.Append(characters[index]);
        return output.ToText();
    }

    /// <summary>The indices a Python slice selects, in order.</summary>
    private static List<int> Indices(int length, object? start, object? stop, object? step)
    {
        var stride = Bound(step) ?? 1;
        if (stride == 0)
            throw new TemplateException("slice step cannot be zero");
        var (low, high) = stride > 0 ? (0L, (long)length) : (-1L, length - 1L);
        var from = Limit(Bound(start), stride > 0 ? low : high, length, low, high);
        var to = Limit(Bound(stop), stride > 0 ? high : low, length, low, high);
        var indices = new List<int>();
        for (var i = from; stride > 0 ? i < to : i > to; i += stride)
            indices.Add((int)i);
        RenderBudget.ChargeItems(indices.Count);
        return indices;
    }

    private static long Limit(long? bound, long fallback, int length, long low, long high) =>
        bound is not { } value ? fallback : Math.Clamp(value < 0 ? value + length : value, low, high);

    private static long? Bound(object? value) => value switch
    {
        null => null,
        long number => Math.Clamp(number, -int.MaxValue, int.MaxValue),
        bool flag => flag ? 1 : 0,
        BigInteger number => number.Sign * int.MaxValue,
        _ => throw new TemplateException($"slice bounds must be integers, not {PythonValue.TypeName(value)}"),
    };
}
