using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Mcp;

/// <summary><c>--root</c>: the one folder the file tools may read.</summary>
internal static class RootFolder
{
    public static Option<string> Option() => new("--root")
    {
        Description = "The folder that the file tools may read, and nothing outside it.",
        HelpName = "dir",
        DefaultValueFactory = _ => ".",
    };

    /// <exception cref="UserInputException">There is no such folder.</exception>
    public static string Read(CommandContext context, Option<string> option)
    {
        string given = context.Parse.GetValue(option) ?? "";
        if (string.IsNullOrWhiteSpace(given)) throw new UserInputException("--root", "--root is empty; a folder is expected.");
        string path = Path.GetFullPath(given);
        if (File.Exists(path)) throw new UserInputException("--root", $"--root: {path} is a file; a folder is expected.");
        return Directory.Exists(path) ? path : throw new UserInputException("--root", $"--root: there is no folder {path}.");
    }
}
