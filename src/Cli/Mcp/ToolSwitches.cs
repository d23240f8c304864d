using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.BuiltIn.Databases;
using AgentKit.Tools.BuiltIn.Network;
using AgentKit.Tools.BuiltIn.Programs;

namespace AgentKit.Cli.Mcp;

/// <summary>Switches on built-in tools that do more than compute and read below the root. One set of options for every command that has tools.</summary>
internal sealed class ToolSwitches
{
    private const string WriteName = "write";

    private readonly Option<string[]> _enable = new("--enable")
    {
        Description = "Built-in tools that are off by default: write (write_file below --root).",
        HelpName = WriteName,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _hosts = new("--allow-host")
    {
        Description = "Switches on fetch for a host: docs.example.com, *.example.com, or *; over https, or http where the host begins with http://. "
            + "Addresses of this machine and its network are refused in any case.",
        HelpName = "host",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _programs = new("--allow-program")
    {
        Description = "Switches on run_program for a program, or a program with its first arguments: \"git log\". No shell is involved.",
        HelpName = "program",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _database = new("--database")
    {
        Description = "Switches on query_database for an SQLite file, which is only read.",
        HelpName = "file",
    };

    public Option[] Options => [_enable, _hosts, _programs, _database];

    /// <summary>Puts the options on a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in Options) command.Options.Add(option);
    }

    /// <summary>The built-in tools with what is switched on.</summary>
    /// <param name="context">The command.</param>
    /// <param name="options">What holds without switches.</param>
    /// <exception cref="UserInputException">A switch has a value that is not usable.</exception>
    public BuiltInToolsOptions Apply(CommandContext context, BuiltInToolsOptions options)
    {
        Check(context);
        string[] hosts = context.Parse.GetValue(_hosts) ?? [], programs = context.Parse.GetValue(_programs) ?? [];
        return options with
        {
            Write = (context.Parse.GetValue(_enable) ?? []).Contains(WriteName),
            Fetch = hosts.Length == 0 ? null : new FetchOptions { AllowedHosts = hosts },
            Programs = programs.Length == 0 ? null : new ProgramOptions { Allowed = programs },
            Database = context.Parse.GetValue(_database) is { } file ? new DatabaseOptions { Path = file } : null,
        };
    }

    /// <summary>The same switches as arguments of <c>mcp serve</c>, with full paths.</summary>
    /// <exception cref="UserInputException">A switch has a value that is not usable.</exception>
    public IReadOnlyList<string> ToArguments(CommandContext context)
    {
        Check(context);
        List<string> words = [];
        foreach (Option<string[]> option in (Option<string[]>[])[_enable, _hosts, _programs])
        {
            foreach (string value in context.Parse.GetValue(option) ?? []) words.AddRange([option.Name, value]);
        }

        if (context.Parse.GetValue(_database) is { } file) words.AddRange([_database.Name, Path.GetFullPath(file)]);
        return words;
    }

    private void Check(CommandContext context)
    {
        foreach (string name in context.Parse.GetValue(_enable) ?? [])
        {
            if (name != WriteName) throw new UserInputException("--enable", $"--enable is '{name}'; {WriteName} is allowed.");
        }

        if (context.Parse.GetValue(_database) is { } file && !File.Exists(file))
            throw new UserInputException("--database", $"--database: there is no file {Path.GetFullPath(file)}.");
    }
}
