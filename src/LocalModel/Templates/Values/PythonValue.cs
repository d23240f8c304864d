using System.Numerics;

namespace AgentKit.Models.Templates.Values;

/// <summary>What every template value can do: truth, equality, order, iteration, printing.</summary>
internal static class PythonValue
{
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        BigInteger number => !number.IsZero,
        TemplateText text => text.Value.Length > 0,
        TemplateList list => list.Kind == ListKind.Generator || list.Items.Count > 0,
        TemplateDict dict => dict.Count > 0,
        _ => true,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "None",
        Undefined => "undefined",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        TemplateText => "str",
        TemplateList { Kind: ListKind.Tuple } => "tuple",
        TemplateList { Kind: ListKind.Generator } => "generator",
        TemplateList => "list",
        TemplateDict => "dict",
        TemplateNamespace => "namespace",
        TemplateCallable => "function",
        _ => "loop",
    };

    public static bool AreEqual(object? left, object? right)
    {
        RenderBudget.Enter();
        var result = AreEqualUnguarded(left, right);
        RenderBudget.Leave();
        return result;
    }

    private static bool AreEqualUnguarded(object? left, object? right)
    {
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right))
            return PythonNumber.Compare(left, right) == 0;
        return (left, right) switch
        {
            (null, null) => true,
            (TemplateText a, TemplateText b) => a.Value == b.Value,
            (TemplateList a, TemplateList b) when a.Kind == b.Kind && a.Kind != ListKind.Generator =>
                a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second)),
            (TemplateDict a, TemplateDict b) =>
                a.Count == b.Count && a.Items.All(item => b.TryGet(item.Key, out var other) && AreEqual(item.Value, other)),
            (Undefined, Undefined) => true,
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Orders two values; fails where Python does.</summary>
    public static int Compare(object? left, object? right)
    {
        RenderBudget.Enter();
        var result = CompareUnguarded(left, right);
        RenderBudget.Leave();
        return result;
    }

    private static int CompareUnguarded(object? left, object? right)
    {
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right))
            return PythonNumber.Compare(left, right);
        if (left is TemplateText a && right is TemplateText b)
            return CompareText(a.Value, b.Value);
        if (left is TemplateList first && right is TemplateList second && first.Kind == second.Kind)
        {
            foreach (var (x, y) in first.Items.Zip(second.Items))
            {
                if (!AreEqual(x, y))
                    return Compare(x, y);
            }
            return first.Items.Count.CompareTo(second.Items.Count);
        }
        throw new TemplateException((left as Undefined ?? right as Undefined)?.Reason
            ?? $"{TypeName(left)} and {TypeName(right)} have no order");
    }

    /// <summary>The items a loop goes through.</summary>
    public static IReadOnlyList<object?> Iterate(object? value) => value switch
    {
        Undefined => [],
        TemplateList list => list.Read(),
        TemplateDict dict => [.. dict.Keys],
        TemplateText text => [.. text.CodePoints()],
        _ => throw new TemplateException($"{TypeName(value)} cannot be iterated over"),
    };

    public static int Length(object? value) => value switch
    {
        Undefined => 0,
        TemplateText text => text.Length,
        TemplateList list => list.Items.Count,
        TemplateDict dict => dict.Count,
        _ => throw new TemplateException($"{TypeName(value)} has no length"),
    };

    public static bool Contains(object? container, object? item) => container switch
    {
        TemplateText text when item is TemplateText part => text.Value.Contains(part.Value, StringComparison.Ordinal),
        TemplateText => throw new TemplateException($"'in' with a string needs a string on the left, not {TypeName(item)}"),
        TemplateDict dict => dict.TryGet(item, out _),
        null or bool or long or double or BigInteger or TemplateNamespace or TemplateCallable =>
            throw new TemplateException($"'in' needs a container on the right, not {TypeName(container)}"),
        _ => Iterate(container).Any(other => AreEqual(other, item)),
    };

    /// <summary>
    /// Python orders strings by code point, .NET ordinals by UTF-16 unit; they differ where surrogates meet U+E000 and above.
    /// </summary>
    private static int CompareText(string a, string b)
    {
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            if (a[i] == b[i])
                continue;
            return char.IsSurrogate(a[i]) != char.IsSurrogate(b[i])
                ? char.IsSurrogate(a[i]).CompareTo(char.IsSurrogate(b[i])) : a[i].CompareTo(b[i]);
        }
        return a.Length.CompareTo(b.Length);
    }
}
