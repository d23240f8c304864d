using System.Runtime.CompilerServices;

namespace AgentKit.Models.Templates.Values;

/// <summary>
/// Counts what one rendering spends. A rendering runs on one thread from start to end, so the budget is ambient: equality, printing and
/// string
/// building are charged wherever they happen, and none of them can be forgotten by a caller.
/// </summary>
internal sealed class RenderBudget(TemplateLimits limits)
{
    private const int CharactersPerStep = 64;

    [ThreadStatic]
    private static RenderBudget? _current;

    private int _steps = limits.Steps;
    private int _depth;

    /// <summary>Runs a rendering under this budget.</summary>
    public T Run<T>(Func<T> render)
    {
        var outer = _current;
        _current = this;
        try
        {
            return render();
        }
        finally
        {
            _current = outer;
        }
    }

    /// <summary>Charges one evaluated node and one level of nesting; undo the latter with <see cref="Leave"/>.</summary>
    public static void Enter()
    {
        if (_current is not { } budget)
            return;
        if (++budget._depth > budget.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException($"nested deeper than {budget.MaxDepth} levels");
        ChargeSteps(1);
    }

    public static void Leave()
    {
        if (_current is { } budget)
            budget._depth--;
    }

    /// <summary>Charges for building or copying a string, and refuses one that is too long.</summary>
    public static void ChargeText(long length)
    {
        CheckLength(length);
        if (length >= CharactersPerStep)
            ChargeSteps(length / CharactersPerStep);
    }

    /// <summary>Refuses a string that would become too long.</summary>
    public static void CheckLength(long length)
    {
        if (_current is { } budget && length > budget.MaxLength)
            throw new TemplateException($"builds a string longer than {budget.MaxLength} characters");
    }

    /// <summary>Charges for building or copying a list.</summary>
    public static void ChargeItems(long count) => ChargeSteps(1 + (count / CharactersPerStep));

    public static void ChargeSteps(long count)
    {
        if (_current is not { } budget)
            return;
        if (count > budget._steps)
            throw new TemplateException("does too much work: the limit of steps is used up");
        budget._steps -= (int)count;
    }

    /// <summary>Each written level of nesting costs a few evaluator levels.</summary>
    private int MaxDepth { get; } = limits.Depth * 4;

    private int MaxLength { get; } = limits.OutputLength;
}
