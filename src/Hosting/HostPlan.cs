using AgentKit.Kernel.Errors;

namespace AgentKit.Hosting;

/// <summary>What has been added to a host, by name.</summary>
internal sealed class HostPlan
{
    /// <summary>The keys of the chat clients.</summary>
    public List<string> Models { get; } = [];

    public List<AgentPlan> Agents { get; } = [];

    /// <summary>MCP servers: name, and command line or address.</summary>
    public List<(string Name, string Server)> Servers { get; } = [];

    /// <summary>Checks names before anything is opened.</summary>
    /// <exception cref="UserInputException">Two things have one name, or an agent names what is not there.</exception>
    public void Check()
    {
        CheckNames("model", Models);
        CheckNames("agent", Agents.Select(agent => agent.Name));
        CheckNames("MCP server", Servers.Select(server => server.Name));
        foreach (AgentPlan agent in Agents)
        {
            CheckKnown(agent, "model", agent.Model, Models);
            foreach (string server in agent.Servers ?? []) CheckKnown(agent, "MCP server", server, Servers.Select(known => known.Name));
        }
    }

    private static void CheckNames(string what, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (string.IsNullOrWhiteSpace(name)) throw new UserInputException(what, $"The name of a {what} is empty.");
            if (!seen.Add(name)) throw new UserInputException(name, $"Two of the kind '{what}' are named '{name}'.");
        }
    }

    private static void CheckKnown(AgentPlan agent, string what, string name, IEnumerable<string> known)
    {
        if (known.Contains(name)) return;
        string there = string.Join(", ", known);
        throw new UserInputException(
            agent.Name, $"Agent '{agent.Name}' names the {what} '{name}', which was not added; added: {(there.Length > 0 ? there : "none")}.");
    }
}
