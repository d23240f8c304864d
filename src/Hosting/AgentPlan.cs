using AgentKit.Agents;

namespace AgentKit.Hosting;

/// <summary>An agent that is made when the host starts.</summary>
/// <param name="Name">Its name and key.</param>
/// <param name="Model">The key of its chat client.</param>
/// <param name="Configure">Makes its options from those the host gives.</param>
/// <param name="Servers">The MCP servers whose tools it gets; all when <c>null</c>.</param>
internal sealed record AgentPlan(
    string Name, string Model, Func<IServiceProvider, AgentOptions, AgentOptions> Configure, IReadOnlyList<string>? Servers);
