using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Evaluation;

/// <summary>What <c>loop</c> is inside a <c>for</c>.</summary>
/// <param name="items">The items, after the loop's own condition.</param>
/// <param name="depth">Level of recursion, from 0.</param>
/// <param name="recurse">Runs the loop over other items; null when the loop is not recursive.</param>
internal sealed class LoopState(IReadOnlyList<object?> items, int depth, Func<object?, object?>? recurse)
{
    private object?[]? _lastChanged;

    public int Index { get; set; }

    public Func<object?, object?>? Recurse => recurse;

    public bool TryGetAttribute(string name, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => (long)items.Count - Index,
            "revindex0" => items.Count - Index - 1L,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => (long)items.Count,
            "depth" => depth + 1L,
            "depth0" => (long)depth,
            "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
            "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item"),
            "cycle" => new TemplateCallable(name, arguments => arguments.Positional.Count > 0
                ? arguments.Positional[Index % arguments.Positional.Count]
                : throw new TemplateException("cycle: no items")),
            "changed" => new TemplateCallable(name, Changed),
            _ => this,
        };
        return !ReferenceEquals(value, this);
    }

    private object Changed(CallArguments arguments)
    {
        object?[] now = [.. arguments.Positional];
        var changed = _lastChanged is null || now.Length != _lastChanged.Length
            || !now.Zip(_lastChanged).All(pair => PythonValue.AreEqual(pair.First, pair.Second));
        _lastChanged = now;
        return changed;
    }
}
