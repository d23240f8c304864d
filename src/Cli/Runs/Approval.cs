using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Hub.Dispatch;

namespace AgentKit.Cli.Runs;

/// <summary>Decides on calls of tools that change something. Tools that only compute or read are not held up.</summary>
internal sealed class Approval(CommandContext context, ApprovalMode mode)
{
    private readonly ApprovalRules _rules = new(context.Data);
    private readonly SemaphoreSlim _oneQuestion = new(1);
    private readonly HashSet<(string? Server, string Tool)> _allowed = [];
    private readonly HashSet<(string? Server, string Tool)> _denied = [];

    /// <summary>Whether somebody can be asked.</summary>
    public static bool CanAsk(CommandContext context) => context.Terminal.InIsTerminal && context.Terminal.ErrorIsTerminal;

    /// <summary>What the policy is: the user's rules first, then <c>--approve</c>. A rule that forbids holds in every mode.</summary>
    public ToolPolicy Policy()
    {
        ApprovalAnswer answer = mode switch
        {
            ApprovalMode.Auto => ApprovalAnswer.Allow,
            ApprovalMode.Ask => ApprovalAnswer.Ask,
            _ => ApprovalAnswer.Deny,
        };
        return new ToolPolicy
        {
            Rules = [.. _rules.Load().Where(rule => mode is ApprovalMode.Ask || rule.Answer is ApprovalAnswer.Deny)],
            Writes = answer,
            Undeclared = answer,
        };
    }

    /// <summary>Asks the user, one question at a time; without a terminal nobody has decided, and the run will wait.</summary>
    public async ValueTask<ApprovalReply> DecideAsync(ApprovalRequest request, CancellationToken stop)
    {
        if (!CanAsk(context)) return ApprovalReply.Wait;
        await _oneQuestion.WaitAsync(stop);
        try
        {
            // A call whose outcome is unknown is asked about in any case: this is not the question that was answered before.
            (string? Server, string Tool) tool = (request.Server, request.Call.Name);
            if (!request.OutcomeUnknown && _allowed.Contains(tool)) return ApprovalReply.Approve();
            if (!request.OutcomeUnknown && _denied.Contains(tool)) return ApprovalReply.Reject("the user never allows it");
            return Understand(request, await AskAsync(request, stop));
        }
        finally
        {
            _oneQuestion.Release();
        }
    }

    private async Task<string?> AskAsync(ApprovalRequest request, CancellationToken stop)
    {
        string arguments = request.Call.Arguments is { } json ? CompactJson.Of(json) : "";
        string from = request.Server is null ? "" : $" of {request.Server}";
        string question = request.OutcomeUnknown
            ? $"{request.Call.Name} {arguments} was interrupted and may have taken effect. Run it again?  y = yes, anything else = no: "
            : $"Allow {request.Call.Name}{from} {arguments} ({request.SideEffect})?  "
            + (IsForManyTools(request.Call.Name) ? "y = once, w = decide later, " : "y = once, s = in this run, a = always, d = never, w = decide later, ")
            + "anything else = no: ";
        await context.Terminal.Error.WriteAsync(question);
        return await Task.Run(context.Terminal.In.ReadLine, stop).WaitAsync(stop);
    }

    /// <summary>A lasting answer about a tool that calls many others would be one about all of them.</summary>
    public static bool IsForManyTools(string tool) => tool == DispatchTools.CallWithConsent;

    private ApprovalReply Understand(ApprovalRequest request, string? answer)
    {
        bool lasting = !request.OutcomeUnknown && !IsForManyTools(request.Call.Name);
        switch (answer?.Trim().ToLowerInvariant())
        {
            case "y" or "yes":
                return ApprovalReply.Approve();
            case "s" or "session" when lasting:
                _allowed.Add((request.Server, request.Call.Name));
                return ApprovalReply.Approve(ApprovalScope.Session);
            case "a" or "always" when lasting:
                _allowed.Add((request.Server, request.Call.Name));
                _rules.Add(new ToolRule(request.Server ?? ToolRule.BuiltIn, request.Call.Name, ApprovalAnswer.Allow));
                return ApprovalReply.Approve(ApprovalScope.Always);
            case "d" or "deny" or "never" when lasting:
                _denied.Add((request.Server, request.Call.Name));
                _rules.Add(new ToolRule(request.Server ?? ToolRule.BuiltIn, request.Call.Name, ApprovalAnswer.Deny));
                context.Screen.Notice($"refused: {request.Call.Name}: a rule in {context.Data.Approvals} forbids it from now on");
                return ApprovalReply.Reject("the user never allows it");
            case "w" or "wait":
                return ApprovalReply.Wait;
            default:
                context.Screen.Notice($"refused: {request.Call.Name}: the user said no");
                return ApprovalReply.Reject("the user said no");
        }
    }
}
