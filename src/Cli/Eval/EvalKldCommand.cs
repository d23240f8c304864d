using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Eval.Perplexity;
using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval kld --base M FILE</c>: what quantization cost, more sharply than perplexity shows it.</summary>
internal static class EvalKldCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "A text in UTF-8." };

    private static readonly Option<string> Base = new("--base")
    {
        Description = "The model that counts as right: a .gguf file or a name.",
        HelpName = "path|name",
        Required = true,
    };

    private static readonly Option<int> Context = new(
        "--ctx") { Description = "Tokens of a chunk.", HelpName = "n", DefaultValueFactory = _ => 512 };

    private static readonly Option<bool> ParseSpecial = new("--parse-special")
    {
        Description = "Control tokens written in the text, such as <|im_start|>, count as such: for text in the models' chat format.",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command(
            "kld", "How far a model's next-token distributions are from a base model's: KL divergence, same most likely token, change of probability.")
        {
            File,
            Base,
            Context,
            ParseSpecial,
            ModelOptions.Threads,
            ModelOptions.Kv,
        },
        "agentkit eval kld --base model-f16.gguf -m model-q4_k_m.gguf wiki.test.raw --json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        int length = context.Parse.GetValue(Context);
        if (length < 4) throw new UserInputException("--ctx", $"--ctx is {length}; 4 or more is allowed.");
        string basePath = ModelLocator.Resolve(context.Parse.GetValue(Base)!, context.Data, "--base");
        (string text, string hash) = SegmentFile.Hashed("FILE", context.Parse.GetValue(File)!);
        LocalModelOptions options = ModelOptions.Read(context) with
        {
            ContextLength = length,
            Parallel = 1,
            PromptCacheBytes = 0,
        };
        long started = context.Time.GetTimestamp();
        try
        {
            using LocalModel model = ModelOpener.Open(context, options);
            using LocalModel baseModel = LocalModel.Open(basePath, options, context.Loggers);
            using var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "tokens");
            DivergenceResult result = await new DivergenceEvaluator(model, baseModel, context.Parse.GetValue(ParseSpecial))
                .CompareAsync(text, length, new TokenProgress(line), context.Stop);
            line.Dispose();
            EvalKldJson document = Document(context, result, hash, context.Time.GetElapsedTime(started).TotalSeconds);
            context.WriteJson(document);
            Print(context, document);
            return ExitCode.Done;
        }
        catch (UserInputException e) when (Option(e.Field) is { } option)
        {
            throw new UserInputException(option, $"{option}: {e.Message}", e);
        }
    }

    // The library names its parameters; the user knows options.
    private static string? Option(string field) => field switch
    {
        nameof(LocalModelOptions.ContextLength) or "contextLength" => "--ctx",
        "baseModel" => "--base",
        "text" => "FILE",
        _ => null,
    };

    private static EvalKldJson Document(CommandContext context, DivergenceResult result, string hash, double seconds) => new(
        context.Model,
        context.Parse.GetValue(Base)!,
        result.Mean,
        result.StandardError,
        [result.Interval.Lower, result.Interval.Upper],
        result.Percentiles.ToDictionary(pair => pair.Key.ToString(CultureInfo.InvariantCulture), pair => pair.Value),
        result.SameTop,
        result.Perplexity / result.BasePerplexity,
        result.Perplexity,
        result.BasePerplexity,
        result.RootMeanSquareProbabilityChange,
        result.MeanProbabilityChange,
        result.TokensScored,
        result.Chunks,
        result.ContextLength,
        hash,
        Math.Round(seconds, 3),
        $"{result.Signature}|data:{hash[..12]}");

    private static void Print(CommandContext context, EvalKldJson result)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        context.Screen.WriteLine(string.Create(
            plain, $"kld = {result.KldMean:0.000000} ± {result.KldStderr:0.000000}  95% [{result.Ci95[0]:0.000000}, {result.Ci95[1]:0.000000}]"));
        context.Screen.WriteLine(string.Create(
            plain,
            $"median {result.KldPercentiles["50"]:0.000000}  99% {result.KldPercentiles["99"]:0.000000}  most {result.KldPercentiles["100"]:0.000000}"));
        context.Screen.WriteLine(string.Create(plain, $"same most likely token = {100 * result.Top1Agreement:0.000} %"));
        context.Screen.WriteLine(
            string.Create(plain, $"ppl = {result.Ppl:0.0000}  base = {result.PplBase:0.0000}  ratio = {result.PplRatio:0.000000}"));
        context.Screen.WriteLine(string.Create(plain,
            $"change of the right token's probability: RMS {100 * result.DeltaPRms:0.000} %, mean {100 * result.DeltaPMean:0.000} %"));
        context.Screen.Progress($"[grey]{Spectre.Console.Markup.Escape(result.Signature)}[/]");
    }
}
