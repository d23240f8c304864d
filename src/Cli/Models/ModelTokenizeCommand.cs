using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model tokenize TEXT</c>: how the model cuts a text.</summary>
internal static class ModelTokenizeCommand
{
    private static readonly Argument<string> Text = new("TEXT")
    {
        Description = "The text, taken literally: control tokens written in it do not count as such.",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("tokenize", "Show the tokens of a text.") { Text },
        "agentkit model tokenize \"What is 347 plus 518?\" --json",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        using LocalModel model = ModelOpener.Open(context);
        int[] ids = model.Tokenizer.Encode(context.Parse.GetValue(Text)!);
        TokenizeJson.Token[] tokens = [.. ids.Select(id => new TokenizeJson.Token(id, model.Tokenizer.Decode([id])))];
        context.WriteJson(new TokenizeJson(tokens.Length, tokens));
        foreach (TokenizeJson.Token token in tokens) context.Screen.ShowLine($"{token.Id,7}  {Markup.Escape(Visible(token.Text))}");
        context.Screen.Progress($"[grey]{tokens.Length} tokens[/]");
        return ExitCode.Done;
    }

    private static string Visible(string text) => $"'{text.ReplaceLineEndings("⏎").Replace("\t", "⇥", StringComparison.Ordinal)}'";
}
