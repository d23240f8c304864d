using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using Spectre.Console;

namespace AgentKit.Cli.Chat;

/// <summary>The interactive conversation.</summary>
internal sealed class ChatLoop(CommandContext context, ChatSession session)
{
    private const string Help = "/reset forgets the conversation, /exit ends it, Ctrl-C stops an answer";

    public async Task<int> RunAsync()
    {
        context.Screen.Progress($"[grey]{Markup.Escape(context.Model)}: {Help}[/]");
        while (true)
        {
            context.Screen.Write("> ");
            // Reading a terminal cannot be cancelled, waiting for it can.
            string? line = await Task.Run(context.Terminal.In.ReadLine).WaitAsync(context.Stop);
            switch (line?.Trim())
            {
                case null or "/exit":
                    return ExitCode.Done;
                case "":
                    break;
                case "/reset":
                    session.Reset();
                    context.Screen.Progress("[grey]The conversation is forgotten.[/]");
                    break;
                case ['/', ..] command:
                    context.Screen.Notice($"{command} is not known: {Help}.");
                    break;
                case var text:
                    await AnswerAsync(text);
                    break;
            }
        }
    }

    private async Task AnswerAsync(string text)
    {
        try
        {
            bool whole = await context.Interrupts.RunPartAsync(async stop =>
            {
                ChatAnswer answer = await session.AskAsync(text, context.Screen.Write, stop);
                context.Screen.WriteLine();
                context.Screen.Progress($"[grey]{Figures(answer)}[/]");
            });
            if (whole) return;
            context.Screen.WriteLine();
            context.Screen.Progress("[grey]Stopped.[/]");
        }
        catch (UserInputException e)
        {
            // A conversation that no longer fits, for example: the next question may.
            context.Screen.Notice($"error: {e.Message} (/reset starts anew)");
        }
    }

    private static string Figures(ChatAnswer answer)
    {
        double rate = answer.Usage.OutputTokens / Math.Max(answer.Elapsed.TotalSeconds, 1e-6);
        string cached = answer.Usage.CachedTokens > 0 ? $" ({answer.Usage.CachedTokens} cached)" : "";
        string input = $"{answer.Usage.InputTokens} tokens in{cached}";
        string end = answer.FinishReason == "stop" ? "" : $", ended by {answer.FinishReason}";
        return string.Create(CultureInfo.InvariantCulture, $"{input}, {answer.Usage.OutputTokens} out, {rate:0.#}/s{end}");
    }
}
