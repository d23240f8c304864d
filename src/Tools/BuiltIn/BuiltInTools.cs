using AgentKit.Tools.BuiltIn.Files;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn;

/// <summary>
/// The tools every agent can have without a server: <c>calculator</c>, <c>clock</c>, <c>list_files</c>, <c>read_file</c>,
/// <c>search_files</c>. Their names, parameters, descriptions and result forms are fixed: the shipped model was trained on them.
/// </summary>
public static class BuiltInTools
{
    /// <summary>Creates the tools, in a fixed order. They are safe for concurrent calls and declare their contract.</summary>
    /// <param name="options">What they may see.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">The root is not an existing folder.</exception>
    public static IReadOnlyList<AIFunction> Create(BuiltInToolsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AIFunction[] computing = [new CalculatorTool(), new ClockTool(options.TimeProvider)];
        if (options.Root is null)
            return computing;
        var folder = new RootedFolder(options.Root);
        return
        [
            .. computing,
            new ListFilesTool(folder),
            new ReadFileTool(folder, options.MaxReadBytes),
            new SearchFilesTool(folder, options.MaxSearchResults),
        ];
    }
}
