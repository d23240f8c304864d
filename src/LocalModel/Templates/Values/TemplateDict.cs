using System.Diagnostics.CodeAnalysis;

namespace AgentKit.Models.Templates.Values;

/// <summary>
/// A mapping that keeps the order of insertion. Keys are compared as Python does: <c>1</c>, <c>1.0</c> and <c>True</c> are the same key.
/// </summary>
internal sealed class TemplateDict
{
    private readonly OrderedDictionary<object, object?> _items = new(KeyComparer.Instance);

    /// <summary>Stands for the key None, which the dictionary cannot hold.</summary>
    private static readonly object NoneKey = new();

    public int Count => _items.Count;

    public IEnumerable<object?> Keys => _items.Keys.Select(Unwrap);

    public IEnumerable<KeyValuePair<object?, object?>> Items => _items.Select(item => KeyValuePair.Create(Unwrap(item.Key), item.Value));

    public object? this[object? key]
    {
        set => _items[key ?? NoneKey] = value;
    }

    public bool TryGet(object? key, [MaybeNullWhen(false)] out object? value) => _items.TryGetValue(key ?? NoneKey, out value);

    public bool TryGet(string key, out object? value) => _items.TryGetValue(TemplateText.Template(key), out value);

    public bool Remove(object? key) => _items.Remove(key ?? NoneKey);

    public void Set(string key, object? value) => _items[TemplateText.Template(key)] = value;

    private static object? Unwrap(object key) => ReferenceEquals(key, NoneKey) ? null : key;

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static KeyComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) =>
            ReferenceEquals(x, NoneKey) || ReferenceEquals(y, NoneKey) ? ReferenceEquals(x, y) : PythonValue.AreEqual(x, y);

        public int GetHashCode(object key) => key switch
        {
            TemplateText text => text.GetHashCode(),
            bool or long or System.Numerics.BigInteger or double => PythonNumber.ToDouble(key).GetHashCode(),
            TemplateList { Kind: ListKind.Tuple } tuple => tuple.Items.Count,
            TemplateList or TemplateDict => throw new TemplateException($"a {PythonValue.TypeName(key)} cannot be a key of a mapping"),
            _ => 0,
        };
    }
}
