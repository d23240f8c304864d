using System.Numerics;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>The tests behind <c>is</c>.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<object?, CallArguments, bool>> All = new(StringComparer.Ordinal)
    {
        ["defined"] = (value, _) => value is not Undefined,
        ["undefined"] = (value, _) => value is Undefined,
        ["none"] = (value, _) => value is null,
        ["boolean"] = (value, _) => value is bool,
        ["true"] = (value, _) => value is true,
        ["false"] = (value, _) => value is false,
        ["string"] = (value, _) => value is TemplateText,
        ["number"] = (value, _) => PythonNumber.IsNumber(value),
        ["integer"] = (value, _) => value is long or BigInteger,
        ["float"] = (value, _) => value is double,
        ["mapping"] = (value, _) => value is TemplateDict,
        ["iterable"] = (value, _) => value is TemplateText or TemplateList or TemplateDict or Undefined,
        ["sequence"] = (value, _) => value is TemplateText or TemplateDict or Undefined or TemplateList { Kind: not ListKind.Generator },
        ["callable"] = (value, _) => value is TemplateCallable or Undefined,
        ["sameas"] = (value, a) => IsSame(value, a.Get(0, "other")),
        ["escaped"] = (_, _) => false,
        ["odd"] = (value, _) => Remainder(value, 2) == 1,
        ["even"] = (value, _) => Remainder(value, 2) == 0,
        ["divisibleby"] = (value, a) => Remainder(value, a.GetInteger(0, "num", 1)) == 0,
        ["lower"] = (value, _) => PythonText.Str(value).Value is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        ["upper"] = (value, _) => PythonText.Str(value).Value is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        ["in"] = (value, a) => PythonValue.Contains(a.Get(0, "seq"), value),
        ["filter"] = (value, _) => value is TemplateText name && Filters.Exists(name.Value),
        ["test"] = (value, _) => value is TemplateText name && Exists(name.Value),
        ["eq"] = (value, a) => PythonValue.AreEqual(value, a.Get(0, "other")),
        ["ne"] = (value, a) => !PythonValue.AreEqual(value, a.Get(0, "other")),
        ["lt"] = (value, a) => PythonValue.Compare(value, a.Get(0, "other")) < 0,
        ["le"] = (value, a) => PythonValue.Compare(value, a.Get(0, "other")) <= 0,
        ["gt"] = (value, a) => PythonValue.Compare(value, a.Get(0, "other")) > 0,
        ["ge"] = (value, a) => PythonValue.Compare(value, a.Get(0, "other")) >= 0,
    };

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["equalto"] = "eq", ["=="] = "eq", ["!="] = "ne", ["<"] = "lt", ["lessthan"] = "lt", ["<="] = "le", [">"] = "gt",
            ["greaterthan"] = "gt", [">="] = "ge",
    };

    public static bool Exists(string name) => All.ContainsKey(Aliases.GetValueOrDefault(name, name));

    public static bool Apply(string name, object? value, CallArguments arguments) =>
        All.TryGetValue(Aliases.GetValueOrDefault(name, name), out var test)
            ? test(value, arguments)
            : throw new TemplateException($"there is no test '{name}'");

    private static bool IsSame(object? left, object? right) =>
        left?.GetType() == right?.GetType()
            && (left is TemplateText or bool or long or double ? Equals(left, right) : ReferenceEquals(left, right));

    private static BigInteger Remainder(object? value, long divisor)
    {
        if (value is not (long or bool or BigInteger) || divisor == 0)
            throw new TemplateException($"needs an integer and a divisor other than zero, found {PythonValue.TypeName(value)}");
        var remainder = BigInteger.Remainder(PythonNumber.ToInteger(value), divisor);
        return remainder.Sign < 0 ? remainder + Math.Abs(divisor) : remainder;
    }
}
