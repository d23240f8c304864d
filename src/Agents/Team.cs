using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>The agents among which a conversation can be handed over; each can hand it to every other.</summary>
internal sealed class Team
{
    private readonly Dictionary<string, TeamMember> _members = new(StringComparer.Ordinal);

    private readonly bool _alone;

    /// <summary>One that has the word whatever the record says.</summary>
    public Team(TeamMember only) => (First, _alone) = (only, true);

    public Team(IChatClient model, AgentOptions options)
    {
        (IChatClient Model, AgentOptions Options)[] all = [(model, options), .. options.Handoffs.Select(peer => (peer.Model, peer.Options))];
        foreach ((IChatClient itsModel, AgentOptions its) in all)
        {
            IEnumerable<HandoffTool> others = all.Where(other => other.Options != its)
                .Select(other => new HandoffTool(other.Options.Name, other.Options.Description, other.Options.Instructions));
            if (!_members.TryAdd(its.Name, new TeamMember(itsModel, its, others)))
                throw new UserInputException(nameof(AgentOptions.Handoffs), $"Two agents of a team are named '{its.Name}'.");
        }

        First = _members[options.Name];
    }

    /// <summary>The agent a run begins with.</summary>
    public TeamMember First { get; }

    /// <summary>The agent that has the word.</summary>
    /// <exception cref="UserInputException">The run was handed to an agent that is not there any more.</exception>
    public TeamMember Current(RunState state) =>
        _alone ? First : _members.GetValueOrDefault(state.Agent)
        ?? throw new UserInputException(
            nameof(AgentOptions.Handoffs),
            $"The run was handed to agent '{state.Agent}', which is not here; known: {string.Join(", ", _members.Keys)}.");
}
