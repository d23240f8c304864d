using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>An agent as the loop works with it: its model, its tools, its context.</summary>
internal sealed class TeamMember
{
    public TeamMember(IChatClient model, AgentOptions options, IEnumerable<HandoffTool> handoffs, IToolRunner? runner = null)
    {
        Options = options;
        Tools = new ToolSet([.. options.Tools, .. handoffs]);
        Model = new ModelCaller(model, options, Tools);
        Runner = runner ?? new ToolRunner(options, Tools);
        Context = new ContextAssembler(Model, options);
    }

    public AgentOptions Options { get; }

    public ToolSet Tools { get; }

    public ModelCaller Model { get; }

    public IToolRunner Runner { get; }

    public ContextAssembler Context { get; }
}
