using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Journal;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs dead-letters</c>: messages to actors that nobody handled, and why.</summary>
internal static class RunsDeadLettersCommand
{
    private const int MostCharacters = 200;

    private static readonly Option<int> Most = new("--limit")
    {
        Description = "How many at most, the latest first.",
        HelpName = "n",
        DefaultValueFactory = _ => 50,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("dead-letters", "List messages to actors that were not handled: the actor failed, was down, or had stopped.") { Most },
        "agentkit runs dead-letters --limit 10",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        int most = context.Parse.GetValue(Most);
        if (most < 1) throw new UserInputException("--limit", $"--limit is {most}; 1 or more is allowed.");
        IReadOnlyList<DeadLetterRecord> letters = File.Exists(context.Data.Journal)
            ? await SqliteDeadLetters.ReadAsync(context.Data.Journal, most, context.Stop)
            : [];
        context.WriteJson(DeadLettersJson.From(letters));
        if (letters.Count == 0) context.Screen.Progress("[grey]no dead letters[/]");
        foreach (DeadLetterRecord letter in letters)
        {
            string at = letter.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            string reason = letter.Reason.ToString().ToLowerInvariant();
            string error = letter.Error is null ? "" : $"  [red]{Markup.Escape(OneLine(letter.Error))}[/]";
            context.Screen.ShowLine(
                $"{at}  [bold]{Markup.Escape(letter.To.ToString())}[/]  [yellow]{reason}[/]  {Markup.Escape(OneLine(letter.Message))}{error}");
        }

        return ExitCode.Done;
    }

    /// <summary>What is cut is said; the JSON form has everything that is kept.</summary>
    private static string OneLine(string text)
    {
        string line = text.ReplaceLineEndings("⏎");
        return line.Length <= MostCharacters ? line : $"{line[..MostCharacters]}… (+{line.Length - MostCharacters} characters)";
    }
}
