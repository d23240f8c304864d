using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;

namespace AgentKit.Cli.Runs;

/// <summary>The rules about tool calls that the user has made for good, in <c>approvals.json</c>.</summary>
internal sealed class ApprovalRules(DataDirectory data)
{
    private readonly Lock _oneWriter = new();

    /// <summary>Reads the rules; none when there is no file.</summary>
    /// <exception cref="UserInputException">The file is not a list of rules.</exception>
    public IReadOnlyList<ToolRule> Load()
    {
        if (!File.Exists(data.Approvals)) return [];
        try
        {
            return JsonOutput.ReadRules(File.ReadAllText(data.Approvals));
        }
        catch (JsonException e)
        {
            throw new UserInputException(
                data.Approvals,
                $"{data.Approvals} is not a list of rules such as [{{\"server\": \"built-in\", \"tool\": \"*\", \"answer\": \"allow\"}}]: {e.Message}",
                e);
        }
    }

    /// <summary>Adds a rule before all others.</summary>
    public void Add(ToolRule rule)
    {
        lock (_oneWriter)
        {
            ToolRule[] rules = [rule, .. Load().Where(known => known != rule)];
            string temporary = $"{data.Ensure().Approvals}.{Environment.ProcessId}.tmp";
            using (var writer = new StreamWriter(temporary)) JsonOutput.Write(writer, rules);
            File.Move(temporary, data.Approvals, overwrite: true);
        }
    }
}
