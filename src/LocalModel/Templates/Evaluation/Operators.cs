using AgentKit.Models.Templates.Library;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Evaluation;

/// <summary>The arithmetic operators on numbers, strings and lists.</summary>
internal static class Operators
{
    public static object Apply(string op, object? left, object? right)
    {
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right))
            return PythonNumber.Calculate(op, left, right);
        switch (op)
        {
            case "+" when left is TemplateText a && right is TemplateText b:
                return a.Concat(b);
            case "+" when left is TemplateList a && right is TemplateList b && a.Kind == b.Kind && a.Kind != ListKind.Generator:
                RenderBudget.ChargeItems(a.Items.Count + b.Items.Count);
                return new TemplateList([.. a.Items, .. b.Items], a.Kind);
            case "*" when left is TemplateText text && right is long or bool:
                return TextOperations.Repeat(text, (long)PythonNumber.ToInteger(right));
            case "*" when right is TemplateText text && left is long or bool:
                return TextOperations.Repeat(text, (long)PythonNumber.ToInteger(left));
            case "*" when left is TemplateList list && right is long or bool:
                return Repeat(list, (long)PythonNumber.ToInteger(right));
            case "%" when left is TemplateText format:
                return StringFormat.Percent(format, right);
            default:
                throw Unsupported(op, left, right);
        }
    }

    private static TemplateList Repeat(TemplateList list, long count)
    {
        count = Math.Clamp(count, 0, int.MaxValue);
        RenderBudget.ChargeSteps(count * Math.Max(1, list.Items.Count));
        var items = new List<object?>();
        for (var i = 0; i < count; i++)
            items.AddRange(list.Items);
        return new TemplateList(items, list.Kind);
    }

    private static TemplateException Unsupported(string op, object? left, object? right)
    {
        if (left is Undefined || right is Undefined)
            return new TemplateException(((left as Undefined) ?? (Undefined)right!).Reason);
        if (op == "+" && left is TemplateText or TemplateList)
            return new TemplateException(
                $"can only concatenate {PythonValue.TypeName(left)} (not {PythonValue.TypeName(right)}) to {PythonValue.TypeName(left)}");
        return new TemplateException($"'{op}' does not work on {PythonValue.TypeName(left)} and {PythonValue.TypeName(right)}");
    }
}
