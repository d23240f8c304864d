using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn.Databases;
using AgentKit.Tools.BuiltIn.Files;
using AgentKit.Tools.BuiltIn.Network;
using AgentKit.Tools.BuiltIn.Programs;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn;

/// <summary>
/// The tools every agent can have without a server: <c>calculator</c>, <c>clock</c>, <c>list_files</c>, <c>read_file</c>,
/// <c>search_files</c>, and those that options switch on: <c>write_file</c>, <c>fetch</c>, <c>query_database</c>, <c>remember</c>,
/// <c>recall</c>, <c>forget</c>, <c>run_program</c>. Names, parameters, descriptions and result forms are fixed: the shipped model was
/// trained on some of them.
/// </summary>
public static class BuiltInTools
{
    /// <summary>Creates the tools, in a fixed order. They are safe for concurrent calls and declare their contract.</summary>
    /// <param name="options">What they may see.</param>
    /// <exception cref="UserInputException">The root is not an existing folder, or something that is switched on is not usable.</exception>
    public static IReadOnlyList<AIFunction> Create(BuiltInToolsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tools = new List<AIFunction> { new CalculatorTool(), new ClockTool(options.TimeProvider) };
        RootedFolder? folder = options.Root is null ? null : new RootedFolder(options.Root);
        if (folder is not null)
        {
            tools.Add(new ListFilesTool(folder));
            tools.Add(new ReadFileTool(folder, options.MaxReadBytes));
            tools.Add(new SearchFilesTool(folder, options.MaxSearchResults));
            if (options.Write) tools.Add(new WriteFileTool(folder, options.MaxWriteBytes));
        }
        else if (options.Write)
        {
            throw new UserInputException(nameof(options.Write), "files can be written below a root folder only; there is none");
        }

        if (options.Fetch is not null) tools.Add(new FetchTool(options.Fetch, options.TimeProvider));
        if (options.Database is not null) tools.Add(new QueryDatabaseTool(options.Database, options.TimeProvider));
        if (options.Programs is not null)
        {
            string start = folder?.RealPath ?? throw new UserInputException(nameof(options.Programs), "programs are run in a root folder; there is none");
            tools.Add(new RunProgramTool(start, options.Programs, options.TimeProvider));
        }

        return tools;
    }
}
