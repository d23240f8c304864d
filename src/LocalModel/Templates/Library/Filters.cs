using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Finds filters by name.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Func<object?, CallArguments, object?>> All =
        new(TextFilters.All.Concat(SequenceFilters.All).Concat(ValueFilters.All), StringComparer.Ordinal);

    public static bool Exists(string name) => All.ContainsKey(name);

    public static object? Apply(string name, object? value, CallArguments arguments) =>
        All.TryGetValue(name, out var filter) ? filter(value, arguments) : throw new TemplateException($"there is no filter '{name}'");
}
