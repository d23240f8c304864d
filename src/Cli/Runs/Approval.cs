using AgentKit.Cli.App;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Runs;

/// <summary>Decides on calls of tools that change something. Tools that only compute or read are not held up.</summary>
internal sealed class Approval(CommandContext context, ApprovalMode mode)
{
    private readonly SemaphoreSlim _oneQuestion = new(1);
    private readonly HashSet<string> _allowed = [];

    /// <summary>The tool, asking first where that is needed.</summary>
    public AIFunction Guard(AIFunction tool) =>
        IsHarmless(ToolContract.Of(tool)) || mode == ApprovalMode.Auto ? tool : new GuardedTool(tool, this);

    /// <summary>Decides on one call.</summary>
    /// <returns>Why it is refused; <c>null</c> when it may run.</returns>
    public async Task<string?> RefusalAsync(AIFunction tool, string arguments, CancellationToken stop)
    {
        if (mode == ApprovalMode.Never) return Refused(tool, "--approve never refuses tools that change something");
        if (!context.Terminal.InIsTerminal || !context.Terminal.ErrorIsTerminal)
            return Refused(tool, "nobody can be asked without a terminal; --approve auto allows it");

        await _oneQuestion.WaitAsync(stop);
        try
        {
            return _allowed.Contains(tool.Name) || await AskAsync(tool, arguments, stop) ? null : Refused(tool, "the user said no");
        }
        finally
        {
            _oneQuestion.Release();
        }
    }

    private static bool IsHarmless(ToolContract contract) =>
        contract.Replay == ToolReplay.Pure || contract.SideEffect is SideEffect.None or SideEffect.LocalRead or SideEffect.NetworkRead;

    private async Task<bool> AskAsync(AIFunction tool, string arguments, CancellationToken stop)
    {
        await context.Terminal.Error.WriteAsync(
            $"Allow {tool.Name} {arguments} ({ToolContract.Of(tool).SideEffect})?  y = once, a = always in this run, anything else = no: ");
        string? answer = await Task.Run(context.Terminal.In.ReadLine, stop).WaitAsync(stop);
        switch (answer?.Trim().ToLowerInvariant())
        {
            case "a" or "always":
                _allowed.Add(tool.Name);
                return true;
            case "y" or "yes":
                return true;
            default:
                return false;
        }
    }

    private string Refused(AIFunction tool, string why)
    {
        context.Screen.Notice($"refused: {tool.Name}: {why}");
        return $"The call of {tool.Name} was not approved.";
    }
}
