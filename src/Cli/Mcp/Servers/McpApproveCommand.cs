using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp.Hub;
using Spectre.Console;

namespace AgentKit.Cli.Mcp.Servers;

/// <summary><c>agentkit mcp approve SERVER</c>: shows how a server is started and what its tools are, and remembers that the user accepts them.</summary>
internal static class McpApproveCommand
{
    private const int ShownCharacters = 300;

    private static readonly Argument<string> Server = new("SERVER")
    {
        Description = $"A name in {ServersFile.FileName}, or the command or address as --tools takes it.",
    };

    private static readonly Option<string?> Config = ServerLookup.Option();

    private static readonly Option<bool> Yes = new("--yes") { Description = "Accept without a question." };

    private static readonly Option<bool> Forget = new("--forget") { Description = "Forget what was approved." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("approve", "Look at an MCP server's tools, at what has changed in them, and accept them.") { Server, Config, Yes, Forget },
        "agentkit mcp approve files",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        McpServerEntry entry = new ServerLookup(context, context.Parse.GetValue(Config)).Find(context.Parse.GetValue(Server)!, "SERVER", []);
        var approvals = new McpApprovals(context.Data.McpServers, context.Time);
        if (context.Parse.GetValue(Forget)) return await ForgetAsync(context, approvals, entry);
        bool mayAsk = context.Terminal.InIsTerminal && context.Terminal.ErrorIsTerminal;
        if (!mayAsk && !context.Parse.GetValue(Yes))
            throw new UserInputException("--yes", "--yes is needed where nobody can be asked: it accepts what the server offers now.");

        context.Screen.Progress($"server  {Markup.Escape(entry.Name)}");
        context.Screen.Progress($"{(entry.Spec.Url is null ? "runs " : "is at")}   {Markup.Escape(entry.Spec.Text)}");
        // Even to be looked at the server has to be started, and a program that runs can do harm.
        if (mayAsk && !context.Parse.GetValue(Yes) && entry.Trust is McpTrust.Approved && !await AskAsync(context, "Start it to see its tools?"))
            return Answer(context, entry, "refused", []);
        await using McpReview review = await McpReview.OpenAsync(entry, approvals, context.Loggers, context.Time, context.Stop);
        McpApproveJson.ReviewedTool[] tools = [.. review.Tools.Select(tool => Describe(tool, entry))];
        foreach (McpReviewedTool tool in review.Tools) Show(context, tool, entry);
        if (review.IsApproved) return Answer(context, entry, "unchanged", tools);
        if (!context.Parse.GetValue(Yes) && !await AskAsync(context, "Accept these tools?")) return Answer(context, entry, "refused", tools);
        await review.ApproveAsync(context.Stop);
        return Answer(context, entry, "approved", tools);
    }

    private static async Task<int> ForgetAsync(CommandContext context, McpApprovals approvals, McpServerEntry entry)
    {
        bool known = await approvals.RemoveAsync(McpReview.KeyOf(entry), context.Stop);
        context.Screen.Notice(known ? $"{entry.Name} is forgotten." : $"{entry.Name} was not known.");
        context.WriteJson(new McpApproveJson(entry.Name, McpReview.LaunchOf(entry), known ? "forgotten" : "unchanged", []));
        return ExitCode.Done;
    }

    private static int Answer(CommandContext context, McpServerEntry entry, string status, IReadOnlyList<McpApproveJson.ReviewedTool> tools)
    {
        context.WriteJson(new McpApproveJson(entry.Name, McpReview.LaunchOf(entry), status, tools));
        context.Screen.Notice(status switch
        {
            "approved" => $"{entry.Name}: {tools.Count(tool => tool.Change != "gone")} tools are approved.",
            "unchanged" => $"{entry.Name}: nothing has changed since it was approved.",
            _ => $"{entry.Name}: nothing was approved.",
        });
        return status == "refused" ? ExitCode.Failed : ExitCode.Done;
    }

    private static async Task<bool> AskAsync(CommandContext context, string question)
    {
        await context.Terminal.Error.WriteAsync($"{question}  y = yes, anything else = no: ");
        string? answer = await Task.Run(context.Terminal.In.ReadLine, context.Stop).WaitAsync(context.Stop);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private static void Show(CommandContext context, McpReviewedTool tool, McpServerEntry entry)
    {
        string mark = tool.Change switch
        {
            McpToolChange.Added => "+ ",
            McpToolChange.Changed => "! ",
            McpToolChange.Removed => "- ",
            _ => "  ",
        };
        string rule = entry.RuleFor(tool.Name) is { } answer ? $", {answer.ToString().ToLowerInvariant()}" : "";
        string effect = tool.SideEffect is { } known ? $" ({McpToolsCommand.SnakeCase(known)}{rule})" : "";
        context.Screen.Progress(Markup.Escape($"{mark}{tool.Name}{effect}: {Short(tool.Description)}"));
        if (tool.Change is not McpToolChange.Changed) return;
        context.Screen.Progress(Markup.Escape($"    changed: {tool.Differs}"));
        context.Screen.Progress(Markup.Escape($"    was: {Short(tool.Before)}"));
        context.Screen.Progress(Markup.Escape($"    is:  {Short(tool.Now)}"));
    }

    private static string Short(string? text)
    {
        string line = (text ?? "").ReplaceLineEndings(" ");
        return line.Length <= ShownCharacters ? line : $"{line[..ShownCharacters]}… ({line.Length} characters; --json shows them)";
    }

    private static McpApproveJson.ReviewedTool Describe(McpReviewedTool tool, McpServerEntry entry) => new(
        tool.Name,
        tool.Change switch
        {
            McpToolChange.Added => "new",
            McpToolChange.Changed => "changed",
            McpToolChange.Removed => "gone",
            _ => "same",
        },
        tool.Change is McpToolChange.Changed ? tool.Differs : null,
        tool.Description,
        tool.SideEffect is { } effect ? McpToolsCommand.SnakeCase(effect) : null,
        entry.RuleFor(tool.Name)?.ToString().ToLowerInvariant());
}
