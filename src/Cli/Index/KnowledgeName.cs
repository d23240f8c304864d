using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;

namespace AgentKit.Cli.Index;

/// <summary>Which knowledge base a command is about: a file in <c>&lt;data&gt;/knowledge</c>.</summary>
internal static class KnowledgeName
{
    public static readonly Option<string> Option = new("--name", "-n")
    {
        Description = "The knowledge base.",
        HelpName = "name",
        DefaultValueFactory = _ => "default",
    };

    /// <summary>The scope of everything the command line writes.</summary>
    public static MemoryScope Scope { get; } = MemoryScope.Local("documents");

    /// <summary>Its file, which may not exist yet.</summary>
    /// <exception cref="UserInputException">It is no name.</exception>
    public static string PathOf(CommandContext context, string name, string field)
    {
        bool isName = name.Length is > 0 and <= 100 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return isName ? Path.Combine(context.Data.Knowledge, $"{name}.db")
            : throw new UserInputException(field, $"{field} is '{name}'; a name of letters, digits, '-', '_' and '.' is expected.");
    }

    /// <summary>Its file, which has to exist.</summary>
    /// <exception cref="UserInputException">There is none of that name; the message lists those there are.</exception>
    public static string Existing(CommandContext context, string name, string field)
    {
        string path = PathOf(context, name, field);
        if (File.Exists(path)) return path;
        string[] others = All(context.Data);
        string known = others.Length > 0 ? $" There are: {string.Join(", ", others)}." : "";
        string option = name == "default" ? "" : $" --name {name}";
        throw new UserInputException(field, $"{field}: there is no knowledge base '{name}'.{known} To make one: agentkit index add PATH{option}");
    }

    public static string Existing(CommandContext context) => Existing(context, context.Parse.GetValue(Option)!, Option.Name);

    /// <summary>All names, sorted.</summary>
    public static string[] All(DataDirectory data) => Directory.Exists(data.Knowledge)
        ? [.. Directory.EnumerateFiles(data.Knowledge, "*.db").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
        : [];
}
