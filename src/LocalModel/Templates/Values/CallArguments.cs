namespace AgentKit.Models.Templates.Values;

/// <summary>Evaluated arguments of a call.</summary>
internal sealed class CallArguments(IReadOnlyList<object?> positional, IReadOnlyList<KeyValuePair<string, object?>> named)
{
    public static CallArguments None { get; } = new([], []);

    public IReadOnlyList<object?> Positional => positional;

    public IReadOnlyList<KeyValuePair<string, object?>> Named => named;

    /// <summary>The argument at a position or with a name.</summary>
    public bool TryGet(int index, string name, out object? value)
    {
        if (index < positional.Count)
        {
            value = positional[index];
            return true;
        }
        foreach (var (key, item) in named)
        {
            if (key != name)
                continue;
            value = item;
            return true;
        }
        value = null;
        return false;
    }

    public object? Get(int index, string name) =>
        TryGet(index, name, out var value) ? value : throw new TemplateException($"argument '{name}' is missing");

    public string GetString(int index, string name, string fallback) =>
        TryGet(index, name, out var value) ? RequireText(value, name).Value : fallback;

    public TemplateText GetText(int index, string name) => RequireText(Get(index, name), name);

    public long GetInteger(int index, string name, long fallback) => !TryGet(index, name, out var value) ? fallback : value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw new TemplateException($"argument '{name}' must be an integer, not {PythonValue.TypeName(value)}"),
    };

    public bool GetFlag(int index, string name, bool fallback) => TryGet(index, name, out var value) ? PythonValue.IsTrue(value) : fallback;

    /// <summary>The arguments without the first one.</summary>
    public CallArguments Skip(int count) => new([.. positional.Skip(count)], named);

    private static TemplateText RequireText(object? value, string name) => value as TemplateText
        ?? throw new TemplateException($"argument '{name}' must be a string, not {PythonValue.TypeName(value)}");
}
