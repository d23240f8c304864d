using AgentKit.Cli.App;
using AgentKit.Cli.Mcp;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Hub;

namespace AgentKit.Cli.Runs;

/// <summary>The MCP servers of one run: this program's own, and those that <c>--tools</c> names.</summary>
internal static class ToolServers
{
    /// <param name="context">The command.</param>
    /// <param name="settings">What the run works with.</param>
    /// <param name="maxReadBytes">Most bytes one read of the file tools returns.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">A server cannot be started or reached, or is not what was approved.</exception>
    public static Task<McpHub> ConnectAsync(CommandContext context, RunSettings settings, int maxReadBytes)
    {
        var lookup = new ServerLookup(context, settings.Config);
        var own = new McpServerEntry("agentkit", SelfServer.Spec(settings.Root, maxReadBytes, settings.Switches, Environment.ProcessPath))
        {
            Trust = McpTrust.Own,
        };
        McpHubOptions options = (lookup.File?.Limits ?? new McpHubOptions()) with
        {
            Approvals = new McpApprovals(context.Data.McpServers, context.Time),
            TimeProvider = context.Time,
            Loggers = context.Loggers,
        };
        return McpHub.ConnectAsync([own, .. lookup.FindAll(settings.Tools, "--tools").Select(server => Renamed(server, own.Name))], options, context.Stop);
    }

    /// <summary>What a run may do: the user's own rules, then those of the servers' entries, then <c>--approve</c>.</summary>
    /// <param name="policy">The user's rules and the answer of <c>--approve</c>.</param>
    /// <param name="rules">The servers' rules.</param>
    /// <param name="mode">The value of <c>--approve</c>; with <c>never</c> nothing is asked, so what is to be asked does not run.</param>
    public static ToolPolicy With(this ToolPolicy policy, IEnumerable<ToolRule> rules, ApprovalMode mode) => policy with
    {
        Rules =
        [
            .. policy.Rules,
            .. rules.Where(rule => mode is not ApprovalMode.Never || rule.Answer is not ApprovalAnswer.Allow)
                .Select(rule => mode is ApprovalMode.Never && rule.Answer is ApprovalAnswer.Ask ? rule with { Answer = ApprovalAnswer.Deny } : rule),
        ],
    };

    /// <summary>A server that happens to be named as this program is.</summary>
    private static McpServerEntry Renamed(McpServerEntry server, string own) =>
        server.Name == own && server.Trust is McpTrust.FirstUse ? new McpServerEntry($"{own}-2", server.Spec) : server;
}
