using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Chat;

/// <summary><c>agentkit chat</c>: a conversation in the terminal, or one answer with <c>-p</c> or piped input.</summary>
internal static class ChatCommand
{
    private static readonly Option<string?> Prompt = new("--prompt", "-p")
    {
        Description = "Ask this once, print the answer and end. Without it, piped input is the prompt.",
        HelpName = "text",
    };

    private static readonly Option<string?> System = new("--system")
    {
        Description = "System message.",
        HelpName = "text",
    };

    private static readonly Option<FileInfo?> Schema = new("--schema")
    {
        Description = "JSON schema (draft 2020-12) that the answer must fit; it is enforced while the model writes, and checked afterwards.",
        HelpName = "file",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("chat", "Talk with a model. /reset forgets the conversation, /exit ends it, Ctrl-C stops an answer.")
        {
            Prompt,
            System,
            Schema,
            ModelOptions.Context,
            ModelOptions.Threads,
            ModelOptions.Kv,
        },
        "agentkit chat -m nano -p \"Repeat: hello\"\nagentkit chat -p \"Who is Ada, born 1815?\" --schema person.schema.json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string? prompt = context.Parse.GetValue(Prompt);
        if (prompt is null && !context.Terminal.InIsTerminal) prompt = (await context.Terminal.In.ReadToEndAsync(context.Stop)).Trim();
        if (prompt is not null && string.IsNullOrWhiteSpace(prompt))
            throw new UserInputException("--prompt", "--prompt (or the piped input) is empty; a text is expected.");
        if (prompt is null && context.Json)
            throw new UserInputException("--json", "--json needs one prompt: give -p TEXT or pipe the text in.");

        ChatOptions? options = context.Parse.GetValue(Schema) is { } file ? new() { ResponseFormat = SchemaFile.Read(file) } : null;
        using IChatClient client = ModelOpener.Open(context);
        var session = new ChatSession(client, context.Parse.GetValue(System), context.Time, options);
        if (prompt is null) return await new ChatLoop(context, session).RunAsync();

        ChatAnswer answer = await session.AskAsync(prompt, context.Screen.Write, context.Stop);
        context.Screen.WriteLine();
        context.WriteJson(new ChatJson(answer.Text, answer.FinishReason, UsageJson.From(answer.Usage)) { SchemaErrors = answer.Faults });
        foreach (string fault in answer.Faults ?? []) context.Screen.Notice($"error: the answer does not fit the schema: {fault}");
        return answer.Faults is null ? ExitCode.Done : ExitCode.Failed;
    }
}
