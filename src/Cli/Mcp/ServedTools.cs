using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Mcp;

/// <summary>The built-in tools as they are served to MCP clients, and their options.</summary>
internal static class ServedTools
{
    private const int LeastReadBytes = 1024;
    private const int MostReadBytes = 16 * 1024 * 1024;

    private static readonly Option<string> Root = RootFolder.Option();

    private static readonly Option<int> MaxReadBytes = new("--max-read-bytes")
    {
        Description = "Most bytes of a file that one read_file call returns; what is left out is announced.",
        HelpName = "n",
        DefaultValueFactory = _ => new BuiltInToolsOptions().MaxReadBytes,
    };

    private static readonly ToolSwitches Switches = new();

    public static Option[] Options => [Root, MaxReadBytes, .. Switches.Options];

    /// <exception cref="UserInputException">An option is not usable.</exception>
    public static IReadOnlyList<AIFunction> Create(CommandContext context)
    {
        int maxReadBytes = context.Parse.GetValue(MaxReadBytes);
        if (maxReadBytes is < LeastReadBytes or > MostReadBytes)
        {
            throw new UserInputException(
                "--max-read-bytes", $"--max-read-bytes is {maxReadBytes}; {LeastReadBytes} to {MostReadBytes} is allowed.");
        }

        var options = new BuiltInToolsOptions { Root = RootFolder.Read(context, Root), MaxReadBytes = maxReadBytes, TimeProvider = context.Time };
        return BuiltInTools.Create(Switches.Apply(context, options));
    }

    /// <summary>The built-in tools that are switched on, as arguments of another <c>mcp serve</c>.</summary>
    /// <exception cref="UserInputException">A switch is not usable.</exception>
    public static IReadOnlyList<string> SwitchesOf(CommandContext context) => Switches.ToArguments(context);

    /// <summary>The folder that the file tools may read.</summary>
    /// <exception cref="UserInputException">There is no such folder.</exception>
    public static string RootOf(CommandContext context) => RootFolder.Read(context, Root);
}
