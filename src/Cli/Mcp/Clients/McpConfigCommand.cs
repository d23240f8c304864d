using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary><c>agentkit mcp config</c>: what a client's configuration file must hold so that it starts this program, printed or merged into it.</summary>
internal static partial class McpConfigCommand
{
    internal static readonly Option<string> ServerName = new("--name")
    {
        Description = "The server's name in the client.",
        HelpName = "name",
        DefaultValueFactory = _ => "agentkit",
    };

    internal static readonly Option<bool> User = new("--user")
    {
        Description = "The client's file for all projects, not the one in the current folder.",
    };

    private static readonly Option<string> Client = ClientOption(required: true);

    private static readonly Option<bool> Write = new("--write")
    {
        Description = "Merge the entry into the client's file. Everything else in it stays as it is; a copy of the file before is kept beside it.",
    };

    private static readonly Option<string> Root = RootFolder.Option();

    private static readonly ToolSwitches Switches = new();

    public static Command Create(CommandHost host)
    {
        var command = new Command("config", "Print or write the configuration with which an IDE starts agentkit as its MCP server.")
        {
            Client, Write, User, ServerName, Root,
        };
        Switches.AddTo(command);
        return host.Handle(command, "agentkit mcp config --client vscode --write", RunAsync);
    }

    internal static Option<string> ClientOption(bool required)
    {
        Option<string> option = new("--client")
        {
            Description = $"The client: {string.Join(", ", McpClients.All.Select(client => client.Name))}.",
            HelpName = "name",
            Required = required,
        };
        option.CompletionSources.Add([.. McpClients.All.Select(client => client.Name)]);
        return option;
    }

    /// <exception cref="UserInputException">Some client would refuse it.</exception>
    internal static string ReadName(CommandContext context)
    {
        string name = context.Parse.GetValue(ServerName)!;
        return Portable().IsMatch(name)
            ? name
            : throw new UserInputException("--name", $"--name is '{name}'; a lower-case letter and up to 29 of a-z, 0-9, _ and - are allowed.");
    }

    private static Task<int> RunAsync(CommandContext context)
    {
        McpClient client = McpClients.Find(context.Parse.GetValue(Client)!);
        string name = ReadName(context);
        string file = client.File(context.Parse.GetValue(User), Directory.GetCurrentDirectory());
        ServerLaunch launch = ServerLaunch.Of(RootFolder.Read(context, Root), Switches.ToArguments(context), Environment.ProcessPath);
        JsonObject entry = client.Entry(launch);
        JsonObject config = new() { [client.ServersKey] = new JsonObject { [name] = entry.DeepClone() } };
        (bool changed, string? backup) = (false, null);
        if (context.Parse.GetValue(Write))
        {
            (changed, backup) = new ConfigFile(client, file).Write(name, entry, context.Time.GetLocalNow());
            context.Screen.Notice(changed ? $"{file} has the server '{name}' now." : $"{file} has the server '{name}' already; nothing was changed.");
            if (backup is not null) context.Screen.Notice($"What it was before: {backup}");
        }
        else
        {
            context.Screen.WriteLine(config.ToJsonString(JsonPatch.Readable));
            context.Screen.Notice($"This belongs into {file}; --write puts it there and keeps what else is in the file.");
        }

        if (client.Note is { } note) context.Screen.Notice(note);
        if (launch.IsBuildOutput)
        {
            context.Screen.Notice("The program above is a build output, which the next build replaces. For daily use publish it to a folder of its own: "
                + "dotnet publish src/Cli -c Release -r linux-x64 -p:PublishReadyToRun=true -o DIR (your platform's name instead of linux-x64), then DIR/agentkit mcp config ...");
        }

        context.WriteJson(new McpConfigJson(client.Name, file, config, changed, backup));
        return Task.FromResult(ExitCode.Done);
    }

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,29}\\z")]
    private static partial Regex Portable();
}
