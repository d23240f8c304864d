using AgentKit.Kernel.Tools;
using AgentKit.Tools.BuiltIn.Calculator;

namespace AgentKit.Tools.BuiltIn;

/// <summary>Evaluates arithmetic; see <see cref="ExpressionParser"/> for the grammar and <see cref="Number"/> for exactness.</summary>
internal sealed class CalculatorTool() : BuiltInTool(
    "calculator", "Evaluate an arithmetic expression.", "expression", new ToolContract(ToolReplay.Pure, SideEffect.None))
{
    protected override ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken) =>
        new(NumberFormat.Format(ExpressionParser.Evaluate(argument)));
}
