using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>The tools of one agent by name.</summary>
internal sealed class ToolSet
{
    private readonly Dictionary<string, AIFunction> _tools = new(StringComparer.Ordinal);

    public ToolSet(IEnumerable<AIFunction> tools)
    {
        foreach (AIFunction tool in tools)
        {
            if (_tools.TryAdd(tool.Name, tool)) continue;
            throw new UserInputException(
                nameof(AgentOptions.Tools), $"Two tools are named '{tool.Name}'; the model could not tell them apart.");
        }
    }

    /// <summary>Names of the tools.</summary>
    public IEnumerable<string> Names => _tools.Keys;

    /// <summary>The tools.</summary>
    public IReadOnlyCollection<AIFunction> All => _tools.Values;

    /// <summary>The tool of that name, if there is one.</summary>
    public AIFunction? Find(string name) => _tools.GetValueOrDefault(name);

    /// <summary>The tool of a call that can be run as it is.</summary>
    /// <exception cref="ModelOutputException">There is no such tool, or the arguments do not fit it; the message says what is expected.</exception>
    public AIFunction Check(ToolCall call)
    {
        if (Find(call.Name) is not { } tool)
        {
            string instead = _tools.Count == 0
                ? "There are no tools; answer in text."
                : $"Available tools: {string.Join(", ", _tools.Keys)}.";
            throw new ModelOutputException($"There is no tool named '{call.Name}'. {instead}");
        }

        ToolArguments.Check(tool, call.Arguments);
        return tool;
    }
}
