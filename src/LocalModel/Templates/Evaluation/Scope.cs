using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Evaluation;

/// <summary>
/// Names visible at one place. Reading looks outwards; assigning always writes here, so what a loop or block sets ends with it.
/// </summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, object?> _names = new(StringComparer.Ordinal);

    public object? this[string name]
    {
        get
        {
            for (var scope = this; scope is not null; scope = scope.Parent)
            {
                if (scope._names.TryGetValue(name, out var value))
                    return value;
            }
            return new Undefined($"'{name}' is undefined");
        }
        set => _names[name] = value;
    }

    private Scope? Parent { get; } = parent;
}
