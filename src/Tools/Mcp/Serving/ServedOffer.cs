using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>All that a server offers, made once and shared by its connections.</summary>
internal sealed class ServedOffer
{
    public ServedOffer(IReadOnlyList<AIFunction> tools, McpToolServerOptions options)
    {
        Options = options;
        if (options.PortableOnly) PortableTool.Check(tools);
        else PortableTool.CheckNames(tools);
        var states = new RequestStates(options.StateKey, options.TimeProvider);
        Resources = new ServedResources(options.Resources);
        Prompts = new ServedPrompts(options.Prompts, states);
        Watch = new ChangeWatch(Resources, Prompts, options.TimeProvider);
        Dispatcher = new ToolDispatcher(tools, states, options.Loggers.CreateLogger<McpToolServer>());
        McpTasks[] keepers = [.. tools.Select(tool => McpToolInfo.Of(tool).Tasks).OfType<McpTasks>().Distinct()];
        Tasks = keepers.Length > 0 ? new TaskMethods(keepers) : null;
        Info = new Implementation { Name = options.Name, Version = options.Version, Icons = options.Icons?.ToList() };
        ToolList = new ListToolsResult
        {
            Tools = [.. tools.Select(ToolAnnotationMap.Describe)],
            TimeToLive = TimeSpan.Zero,
            CacheScope = CacheScope.Private,
        };
    }

    public McpToolServerOptions Options { get; }

    public Implementation Info { get; }

    public ListToolsResult ToolList { get; }

    public ToolDispatcher Dispatcher { get; }

    public ServedResources Resources { get; }

    public ServedPrompts Prompts { get; }

    public ChangeWatch Watch { get; }

    public TaskMethods? Tasks { get; }
}
