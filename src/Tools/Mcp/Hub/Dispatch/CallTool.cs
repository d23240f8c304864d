using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.Mcp.Hub.Dispatch;

/// <summary>Calls one of many tools by name, after checking the arguments as for a tool that the model sees itself.</summary>
internal sealed class CallTool(string name, string description, IReadOnlyList<HubTool> tools, ToolContract contract) : AIFunction
{
    private readonly Dictionary<string, HubTool> _tools = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);

    public override string Name { get; } = name;

    public override string Description { get; } = description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(
        """
        {"type":"object","properties":{"name":{"type":"string","description":"The tool's name."},
        "arguments":{"type":"object","description":"The tool's arguments."}},"required":["name","arguments"]}
        """);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = contract.ToProperties();

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string asked = arguments.GetValueOrDefault("name") switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
            _ => throw new ToolException("argument 'name' must be the name of a tool"),
        };
        if (!_tools.TryGetValue(asked, out HubTool? tool))
            throw new ToolException($"'{Name}' can call no tool '{asked}'; {DispatchTools.Find} tells the names and what to call them with");
        JsonElement given = JsonSerializer.SerializeToElement(arguments.GetValueOrDefault("arguments"), AIJsonUtilities.DefaultOptions);
        if (given.ValueKind != JsonValueKind.Object) throw new ToolException("argument 'arguments' must be an object");
        IReadOnlyList<string> faults = ArgumentValidator.Validate(tool.JsonSchema, given);
        if (faults.Count > 0) throw new ToolException($"{asked}: {string.Join("; ", faults)}");
        var passed = new AIFunctionArguments(given.EnumerateObject().ToDictionary(argument => argument.Name, argument => (object?)argument.Value));
        if (ToolCallKey.Find(arguments) is { } key) ToolCallKey.Set(passed, key);
        return await tool.InvokeAsync(passed, cancellationToken).ConfigureAwait(false);
    }
}
