using Microsoft.Extensions.AI;

namespace AgentKit.Kernel.Tools;

/// <summary>
/// Which calls run, which need somebody's consent and which never run: the first rule that covers a tool decides, then the tool's own
/// wish, then its side effect.
/// </summary>
public sealed record ToolPolicy
{
    /// <summary>Everything runs.</summary>
    public static ToolPolicy AllowAll { get; } = new() { Writes = ApprovalAnswer.Allow };

    /// <summary>Rules in order of precedence.</summary>
    /// <value>None.</value>
    public IReadOnlyList<ToolRule> Rules { get; init; } = [];

    /// <summary>The answer for tools that declare that they change something.</summary>
    /// <value><see cref="ApprovalAnswer.Ask"/></value>
    public ApprovalAnswer Writes { get; init; } = ApprovalAnswer.Ask;

    /// <summary>
    /// The answer for tools that declare nothing. In a program they are functions the program itself has handed over; a host that takes
    /// tools from elsewhere should set this to <see cref="ApprovalAnswer.Ask"/>.
    /// </summary>
    /// <value><see cref="ApprovalAnswer.Allow"/></value>
    public ApprovalAnswer Undeclared { get; init; } = ApprovalAnswer.Allow;

    /// <summary>Decides on a tool.</summary>
    /// <param name="tool">The tool.</param>
    public ApprovalAnswer For(AIFunction tool)
    {
        ToolContract contract = ToolContract.Of(tool);
        if (Rules.FirstOrDefault(rule => rule.Covers(contract.Server, tool.Name)) is { } rule) return rule.Answer;
        if (contract.IsHarmless) return contract.Approval ?? ApprovalAnswer.Allow;
        ApprovalAnswer general = contract.IsDeclared ? Writes : Undeclared;
        // A tool may ask for more care than the policy takes, never for less.
        return contract.Approval is { } wish && wish > general ? wish : general;
    }
}
