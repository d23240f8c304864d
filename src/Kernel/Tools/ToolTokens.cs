using Microsoft.Extensions.AI;

namespace AgentKit.Kernel.Tools;

/// <summary>What the schemas of tools cost: the tokens they take in every prompt.</summary>
public static class ToolTokens
{
    private static readonly ChatMessage[] AnyPrompt = [new(ChatRole.User, ".")];

    /// <summary>Counts the tokens of each tool, as the model reads it.</summary>
    /// <param name="counter">The model's counter.</param>
    /// <param name="tools">The tools; names are different.</param>
    /// <returns>
    /// By name: by how many tokens a prompt gets longer when the tool joins another one. What a template says once, because there are tools
    /// at all, is in <see cref="Total"/> only.
    /// </returns>
    public static IReadOnlyDictionary<string, int> Count(ITokenCounter counter, IReadOnlyCollection<AIFunction> tools)
    {
        ArgumentNullException.ThrowIfNull(counter);
        ArgumentNullException.ThrowIfNull(tools);
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);

        // Beside a neighbour and not beside all others: the time grows with the number of tools, not with its square.
        AIFunction? neighbour = null;
        foreach (AIFunction tool in tools)
        {
            AIFunction? beside = neighbour ?? tools.Skip(1).FirstOrDefault();
            tokens[tool.Name] = beside is null
                ? Total(counter, [tool])
                : Prompt(counter, [beside, tool]) - Prompt(counter, [beside]);
            neighbour ??= tool;
        }

        return tokens;
    }

    /// <summary>The tokens of all tools together, with what the template says around them.</summary>
    /// <param name="counter">The model's counter.</param>
    /// <param name="tools">The tools.</param>
    public static int Total(ITokenCounter counter, IReadOnlyCollection<AIFunction> tools)
    {
        ArgumentNullException.ThrowIfNull(counter);
        ArgumentNullException.ThrowIfNull(tools);
        return tools.Count == 0 ? 0 : Prompt(counter, tools) - counter.CountTokens(AnyPrompt);
    }

    private static int Prompt(ITokenCounter counter, IEnumerable<AIFunction> tools) =>
        counter.CountTokens(AnyPrompt, new ChatOptions { Tools = [.. tools] });
}
