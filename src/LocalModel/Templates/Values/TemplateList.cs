namespace AgentKit.Models.Templates.Values;

internal enum ListKind
{
    List,
    Tuple,

    /// <summary>A lazy sequence of Jinja (<c>map</c>, <c>select</c> …): always true, and empty once it has been read.</summary>
    Generator,
}

/// <summary>A list, tuple or generator.</summary>
internal sealed class TemplateList(List<object?> items, ListKind kind = ListKind.List)
{
    private bool _consumed;

    public List<object?> Items => items;

    public ListKind Kind => kind;

    /// <summary>The items to iterate over; a generator gives them once.</summary>
    public IReadOnlyList<object?> Read()
    {
        if (kind != ListKind.Generator)
            return items;
        if (_consumed)
            return [];
        _consumed = true;
        return items;
    }
}
