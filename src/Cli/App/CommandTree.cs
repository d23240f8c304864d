using System.CommandLine;
using System.CommandLine.Help;

namespace AgentKit.Cli.App;

/// <summary>All commands. The groups mirror the folders.</summary>
internal static class CommandTree
{
    public static RootCommand Create(CommandHost host)
    {
        var root = new RootCommand("Agents on local models: run, remember, act.")
        {
            Doctor.DoctorCommand.Create(host),
        };
        host.Options.AddTo(root);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, host.Examples);
        return root;
    }

    /// <summary>The words one types to reach a command, <c>agentkit</c> first.</summary>
    public static IEnumerable<string> PathFromRoot(this Command command)
    {
        var names = new Stack<string>();
        for (Symbol? at = command; at is Command and not RootCommand; at = at.Parents.FirstOrDefault()) names.Push(at.Name);
        names.Push("agentkit");
        return names;
    }
}
