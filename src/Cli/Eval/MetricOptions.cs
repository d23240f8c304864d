using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Eval.Metrics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary>The options of <c>eval score</c> that choose how a metric counts. An option that the metric does not have is refused.</summary>
internal static class MetricOptions
{
    private static readonly string[] Metrics = ["bleu", "chrf", "chrf++", "ter", "rouge1", "rouge2", "rougeL", "rougeLsum", "exact", "f1"];

    public static readonly Argument<string> Metric = MetricArgument();

    private static readonly Option<string> Tokenize = Choice(
        "--tokenize", "bleu: how to cut words: 13a (default), none, intl, char, zh.", "none", "13a", "intl", "char", "zh");

    private static readonly Option<string> Smooth = Choice(
        "--smooth", "bleu: where nothing matches: exp (default), floor, add-k, none.", "exp", "floor", "add-k", "none");

    private static readonly Option<double?> SmoothValue = new(
        "--smooth-value") { Description = "bleu: the number of floor (0.1) or add-k (1).", HelpName = "x" };

    private static readonly Option<bool> Lowercase = new(
        "--lowercase", "-lc") { Description = "Ignore case (ter, rouge, exact and f1 always do unless told otherwise)." };

    private static readonly Option<bool> Normalized = new("--normalized") { Description = "ter: set off punctuation from words." };

    private static readonly Option<bool> CaseSensitive = new("--case-sensitive") { Description = "ter: let case count." };

    private static readonly Option<bool> NoPunctuation = new("--no-punct") { Description = "ter: remove punctuation." };

    private static readonly Option<bool> Asian = new(
        "--asian-support") { Description = "ter: with --normalized, every Chinese or Japanese character is a word." };

    private static readonly Option[] OfBleu = [Tokenize, Smooth, SmoothValue];

    private static readonly Option[] OfTer = [Normalized, CaseSensitive, NoPunctuation, Asian];

    public static void AddTo(Command command)
    {
        command.Arguments.Add(Metric);
        foreach (Option option in (ReadOnlySpan<Option>)[Lowercase, .. OfBleu, .. OfTer]) command.Options.Add(option);
    }

    /// <param name="context">What was typed.</param>
    /// <param name="sentence">
    /// Whether segments are scored one by one, where BLEU counts only the n-grams that they are long enough for.
    /// </param>
    public static TextMetric Create(CommandContext context, bool sentence)
    {
        string name = context.Parse.GetValue(Metric)!;
        Refuse(context, name, "bleu", OfBleu);
        Refuse(context, name, "ter", OfTer);
        bool lowercase = context.Parse.GetValue(Lowercase);
        return name switch
        {
            "bleu" => new BleuMetric(Bleu(context, lowercase, sentence)),
            "chrf" => new ChrfMetric(new() { Lowercase = lowercase }),
            "chrf++" => new ChrfMetric(new() { Lowercase = lowercase, WordOrder = 2 }),
            "ter" => new TerMetric(Ter(context, lowercase)),
            "rouge1" => new RougeMetric(RougeVariant.Rouge1),
            "rouge2" => new RougeMetric(RougeVariant.Rouge2),
            "rougeL" => new RougeMetric(RougeVariant.RougeL),
            "rougeLsum" => new RougeMetric(RougeVariant.RougeLsum),
            _ => new AnswerMetric(exact: name == "exact"),
        };
    }

    private static BleuOptions Bleu(CommandContext context, bool lowercase, bool sentence)
    {
        double? value = context.Parse.GetValue(SmoothValue);
        string? smooth = context.Parse.GetValue(Smooth);
        if (value is not null && smooth is not ("floor" or "add-k"))
            throw new UserInputException(
                "--smooth-value", $"--smooth-value is {value}, but --smooth is {smooth ?? "exp"}; it belongs to floor and add-k.");
        if (value is not null && !(value >= 0 && double.IsFinite(value.Value)))
            throw new UserInputException("--smooth-value", $"--smooth-value is {value}; 0 or more is allowed.");
        return new()
        {
            Lowercase = lowercase,
            EffectiveOrder = sentence,
            SmoothingValue = value,
            Tokenizer = context.Parse.GetValue(Tokenize) switch
            {
                "none" => BleuTokenizer.None,
                "intl" => BleuTokenizer.International,
                "char" => BleuTokenizer.Character,
                "zh" => BleuTokenizer.Chinese,
                _ => BleuTokenizer.Mteval13a,
            },
            Smoothing = smooth switch
            {
                "floor" => BleuSmoothing.Floor,
                "add-k" => BleuSmoothing.AddK,
                "none" => BleuSmoothing.None,
                _ => BleuSmoothing.Exponential,
            },
        };
    }

    private static TerOptions Ter(CommandContext context, bool lowercase)
    {
        bool caseSensitive = context.Parse.GetValue(CaseSensitive);
        if (lowercase && caseSensitive)
            throw new UserInputException("--case-sensitive", "--case-sensitive and --lowercase exclude each other.");
        return new()
        {
            CaseSensitive = caseSensitive,
            Normalized = context.Parse.GetValue(Normalized),
            NoPunctuation = context.Parse.GetValue(NoPunctuation),
            AsianSupport = context.Parse.GetValue(Asian),
        };
    }

    private static void Refuse(CommandContext context, string metric, string owner, Option[] options)
    {
        if (metric != owner && options.FirstOrDefault(option => context.Parse.GetResult(option) is { Implicit: false }) is { } option)
            throw new UserInputException(option.Name, $"{option.Name} belongs to {owner}; {metric} does not have it.");
    }

    private static Argument<string> MetricArgument()
    {
        var argument = new Argument<string>("METRIC") { Description = $"One of {string.Join(", ", Metrics)}." };
        argument.AcceptOnlyFromAmong(Metrics);
        return argument;
    }

    private static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', values) };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
