using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.Mcp.Hub.Dispatch;

/// <summary>Stands in for more tools than a model can choose among: one tool to search them, two to call what was found.</summary>
public static class DispatchTools
{
    /// <summary>Searches.</summary>
    public const string Find = "find_tools";

    /// <summary>Calls a tool that needs no consent.</summary>
    public const string Call = "call_tool";

    /// <summary>Calls a tool that needs consent. A lasting consent to it would be one to every such tool, so hosts should offer none.</summary>
    public const string CallWithConsent = "call_tool_with_consent";

    internal static IEnumerable<AIFunction> Create(IEnumerable<HubTool> tools, ToolPolicy policy)
    {
        ILookup<ApprovalAnswer, HubTool> answers = tools.ToLookup(policy.For);
        HubTool[] free = [.. answers[ApprovalAnswer.Allow]], asking = [.. answers[ApprovalAnswer.Ask]];
        if (free.Length + asking.Length == 0) yield break;
        yield return new FindTools(new ToolCatalog(free, asking));
        // Not to be repeated after a crash without a person's look: what it called may have changed something.
        if (free.Length > 0)
        {
            var contract = new ToolContract(ToolReplay.Unsafe, SideEffect.NetworkRead) { Approval = ApprovalAnswer.Allow };
            yield return new CallTool(Call, $"Call a tool that {Find} has found.", free, contract);
        }

        if (asking.Length > 0)
        {
            var contract = new ToolContract(ToolReplay.Unsafe, SideEffect.Irreversible) { Approval = ApprovalAnswer.Ask };
            yield return new CallTool(CallWithConsent, $"Call a tool that {Find} has found and that needs the user's consent.", asking, contract);
        }
    }
}
