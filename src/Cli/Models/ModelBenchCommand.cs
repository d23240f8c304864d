using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model bench</c>: how fast the model is here, as an application sees it through <c>IChatClient</c>.</summary>
internal static class ModelBenchCommand
{
    private static readonly int[] AtOnce = [1, 2, 4, 8];

    private static readonly Option<int> PromptTokens = new("--prompt-tokens")
    {
        Description = "About how many tokens a prompt has.",
        HelpName = "n",
        DefaultValueFactory = _ => 256,
    };

    private static readonly Option<int> OutputTokens = new("--output-tokens")
    {
        Description = "How many tokens an answer has.",
        HelpName = "n",
        DefaultValueFactory = _ => 64,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("bench", "Measure tokens per second: reading a prompt, writing an answer, and several answers at once.")
        {
            PromptTokens,
            OutputTokens,
            ModelOptions.Context,
            ModelOptions.Threads,
            ModelOptions.Kv,
        },
        "agentkit model bench -m nano --json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        int prompt = Positive(context, PromptTokens);
        int output = Positive(context, OutputTokens);
        using LocalModel model = ModelOpener.Open(context);
        if (prompt + output > model.Settings.ContextLength)
        {
            throw new UserInputException(
                "--prompt-tokens",
                $"--prompt-tokens and --output-tokens are {prompt} + {output}; the context holds {model.Settings.ContextLength} tokens.");
        }

        var bench = new ModelBench(model, model.Tokenizer, context.Time, prompt, output);
        string name = Markup.Escape(context.Model);
        context.Screen.Progress($"[grey]{name}: {prompt} tokens in, {output} out, {model.Settings.Threads} threads[/]");
        (double prefill, double decode) = await bench.MeasureOneAsync(context.Stop);
        context.Screen.ShowLine($"prefill     {Rate(prefill)}");
        context.Screen.ShowLine($"decode      {Rate(decode)}");
        var rows = new List<BenchJson.Row>();
        foreach (int n in AtOnce)
        {
            double rate = await bench.MeasureManyAsync(n, context.Stop);
            rows.Add(new(n, Math.Round(rate, 1)));
            context.Screen.ShowLine($"{n} at once   {Rate(rate)}");
        }

        context.WriteJson(new BenchJson(context.Model, prompt, output, Math.Round(prefill, 1), Math.Round(decode, 1), rows));
        return ExitCode.Done;
    }

    private static string Rate(double tokensPerSecond) =>
        tokensPerSecond.ToString("0.0", CultureInfo.InvariantCulture).PadLeft(10) + " tokens/s";

    private static int Positive(CommandContext context, Option<int> option)
    {
        int value = context.Parse.GetValue(option);
        return value > 0 ? value : throw new UserInputException(option.Name, $"{option.Name} is {value}; 1 or more is allowed.");
    }
}
