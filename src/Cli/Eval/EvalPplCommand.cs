using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Eval.Perplexity;
using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval ppl FILE</c>: how well the model predicts a text.</summary>
internal static class EvalPplCommand
{
    private const int DefaultContext = 512;

    private static readonly Argument<string> File = new("FILE") { Description = "A text in UTF-8." };

    private static readonly Option<int> Context = new(
        "--ctx") { Description = "Tokens of a chunk or window.", HelpName = "n", DefaultValueFactory = _ => DefaultContext };

    private static readonly Option<string> Mode = ModeOption();

    private static readonly Option<int> AtOnce = new("--parallel")
    {
        Description = "Chunks decoded together. More than 1 may be faster and moves the number a little; how much is measured and reported.",
        HelpName = "n",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> NGram = new("--ngram")
    {
        Description =
            "n of the n-gram models computed as a floor (Laplace, Kneser-Ney; they learn from the text while they read it); 0: none.",
        HelpName = "n",
        DefaultValueFactory = _ => 3,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("ppl", "Perplexity of a text: how many tokens the model wavers between, on average.")
        {
            File,
            Context,
            Mode,
            AtOnce,
            NGram,
            ModelOptions.Threads,
            ModelOptions.Kv,
        },
        "agentkit eval ppl wiki.test.raw --ctx 512 --json",
        RunAsync);

    private static Option<string> ModeOption()
    {
        var option = new Option<string>("--mode")
        {
            Description = "chunks: llama-perplexity's number. rolling: every token once, also per word and byte, as lm-evaluation-harness.",
            HelpName = "chunks|rolling",
            DefaultValueFactory = _ => "chunks",
        };
        option.AcceptOnlyFromAmong("chunks", "rolling");
        return option;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        int length = InRange(context, Context, 4, int.MaxValue / 2);
        int atOnce = InRange(context, AtOnce, 1, 128);
        bool rolling = context.Parse.GetValue(Mode) == "rolling";
        PerplexityOptions options = new() { ContextLength = length, NGramOrder = InRange(context, NGram, 0, 8) };
        (string text, string hash) = SegmentFile.Hashed("FILE", context.Parse.GetValue(File)!);
        using LocalModel model = Open(context, length, rolling, atOnce);
        var evaluator = new PerplexityEvaluator(model, options);
        long started = context.Time.GetTimestamp();
        PerplexityResult result = await MeasureAsync(context, evaluator, text, rolling);
        EvalPplJson document = Document(context, result, hash, atOnce, context.Time.GetElapsedTime(started).TotalSeconds);
        context.WriteJson(document);
        Print(context, document);
        return ExitCode.Done;
    }

    private static async Task<PerplexityResult> MeasureAsync(
        CommandContext context, PerplexityEvaluator evaluator, string text, bool rolling)
    {
        using var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "tokens");
        var progress = new TokenProgress(line);
        try
        {
            return await (rolling
                ? evaluator.RollingAsync(text, progress, context.Stop) : evaluator.ChunksAsync(text, progress, context.Stop));
        }
        catch (UserInputException e) when (e.Field == "text")
        {
            throw new UserInputException("FILE", $"FILE: {context.Parse.GetValue(File)}: {e.Message}", e);
        }
    }

    private static LocalModel Open(CommandContext context, int length, bool rolling, int atOnce)
    {
        LocalModelOptions options = ModelOptions.Read(context) with
        {
            // A rolling window is read together with the token before it.
            ContextLength = rolling ? length + 1 : length,
            Parallel = atOnce,
            PromptCacheBytes = 0,
        };
        return ModelOpener.Open(context, options);
    }

    private static int InRange(CommandContext context, Option<int> option, int least, int most)
    {
        int value = context.Parse.GetValue(option);
        return value >= least && value <= most ? value
            : throw new UserInputException(
                option.Name, $"{option.Name} is {value}; {least} {(most > 1000 ? "or more" : $"to {most}")} is allowed.");
    }

    private static EvalPplJson Document(CommandContext context, PerplexityResult result, string hash, int atOnce, double seconds) => new(
        context.Model,
        result.Mode,
        result.Perplexity,
        result.StandardError,
        [result.Interval.Lower, result.Interval.Upper],
        result.MeanNegativeLogLikelihood,
        result.Tokens,
        result.TokensScored,
        result.Chunks,
        result.ContextLength,
        result.Bos,
        atOnce,
        hash,
        result.WordPerplexity,
        result.BytePerplexity,
        result.BitsPerByte,
        [.. result.Baselines.Select(baseline => new EvalPplJson.Baseline(baseline.Smoothing, baseline.Order, baseline.Perplexity))],
        result.BatchingDifference,
        Math.Round(seconds, 3),
        $"{result.Signature}|data:{hash[..12]}");

    private static void Print(CommandContext context, EvalPplJson result)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        context.Screen.WriteLine(string.Create(
            plain, $"ppl = {result.Ppl:0.0000} ± {result.PplStderr:0.00000}  95% [{result.Ci95[0]:0.0000}, {result.Ci95[1]:0.0000}]"));
        if (result.WordPpl is not null)
            context.Screen.WriteLine(string.Create(plain,
                $"word_ppl = {result.WordPpl:0.0000}  byte_ppl = {result.BytePpl:0.0000}  bits_per_byte = {result.BitsPerByte:0.0000}"));
        if (result.BatchingDifference is { } moved)
            context.Screen.Progress(string.Create(plain, $"[grey]chunks computed together and alone: ln(ppl) moved by {moved:+0.0e+0;-0.0e+0;0} of itself[/]"));
        foreach (EvalPplJson.Baseline baseline in result.Baselines)
            context.Screen.WriteLine(string.Create(plain, $"floor: {baseline.Order}-gram {baseline.Name} = {baseline.Ppl:0.0000}"));
        context.Screen.Progress(string.Create(
            plain,
            $"[grey]{result.TokensScored} of {result.Tokens} tokens scored in {result.Chunks} {(result.WordPpl is null ? "chunks" : "windows")}, "
            + $"{result.Tokens / Math.Max(result.Seconds, 1e-3):0} tokens/s; {Spectre.Console.Markup.Escape(result.Signature)}[/]"));
    }
}
