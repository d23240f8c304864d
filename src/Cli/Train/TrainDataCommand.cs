using System.CommandLine;
using System.Globalization;
using System.Text;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Training.Data;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train data FILE</c>: checks training data before anything is trained with it.</summary>
internal static class TrainDataCommand
{
    private static readonly Dictionary<string, RowKind> Kinds = new(StringComparer.Ordinal)
    {
        ["chat"] = RowKind.Chat, ["preference"] = RowKind.Preference, ["kto"] = RowKind.Verdict, ["grpo"] = RowKind.Prompt,
    };

    private static readonly Argument<string> Data = new("FILE") { Description = "One JSON object a line, or an array of objects." };

    private static readonly Option<string> Kind = KindOption();

    private static readonly Option<int?> MaxLength = new("--max-length") { Description = "Most tokens of a row. [default: the model's context]", HelpName = "tokens" };

    private static readonly Option<int> Show = new("--show") { Description = "Print so many rows as the model reads them; what it learns to write in [[…]].", HelpName = "n" };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("data", "Check training data: bad rows with line numbers, lengths in tokens, what is learned.") { Data, Kind, MaxLength, Show },
        "agentkit train data train.jsonl -m nano --show 1",
        context => Task.FromResult(Run(context)));

    private static Option<string> KindOption()
    {
        Option<string> option = new("--kind")
        {
            Description = "What the rows are for: chat (also Alpaca and ShareGPT), preference, kto or grpo.",
            HelpName = "kind",
            DefaultValueFactory = _ => "chat",
        };
        option.AcceptOnlyFromAmong([.. Kinds.Keys]);
        return option;
    }

    private static int Run(CommandContext context)
    {
        string path = context.Parse.GetValue(Data)!, kind = context.Parse.GetValue(Kind)!;
        TrainDataJson result = Kinds[kind] == RowKind.Prompt ? Parsed(path, kind) : Encoded(context, path, kind);
        context.WriteJson(result);
        foreach (RowFault fault in result.Bad) context.Screen.ShowLine(Markup.Escape($"{path}:{fault.Line}: {fault.Message}"));
        string verdict = string.Create(CultureInfo.InvariantCulture, $"{path}: {result.Rows} rows can be used, {result.Bad.Count} cannot");
        if (result.Lengths is { } lengths)
        {
            verdict += string.Create(
                CultureInfo.InvariantCulture,
                $"; {result.Tokens} tokens, {result.TrainedTokens} learned; lengths {lengths.Min} to {lengths.Max}, median {lengths.Median}, 95 % up to {lengths.P95}");
        }

        context.Screen.ShowLine(Markup.Escape(verdict));
        return result.Bad.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static TrainDataJson Parsed(string path, string kind)
    {
        DataFile file = DataFile.Read(path, Kinds[kind]);
        return new(kind, file.Rows.Count, file.Faults, null, null, null, null, null, file.Sha256);
    }

    private static TrainDataJson Encoded(CommandContext context, string path, string kind)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(ModelLocator.Resolve(context.Model, context.Data));
        int longest = CheckedLength(context, vocabulary.Info);
        TrainingSet set = TrainingSet.Read(path, Kinds[kind], vocabulary.CreateEncoder(context.Time), longest, stop: context.Stop);
        foreach (TrainingSample sample in set.Samples.Take(context.Parse.GetValue(Show)))
            context.Screen.Progress(Markup.Escape($"line {sample.Line}, {sample.Tokens.Length} tokens:\n{Marked(sample, vocabulary.Tokenizer)}\n"));
        int rows = set.Samples.Select(sample => sample.Line).Distinct().Count();
        return new(kind, rows, set.Faults, set.Samples.Count(), set.Tokens, set.TrainedTokens, set.Lengths, set.LongLines, set.Sha256);
    }

    private static int CheckedLength(CommandContext context, ModelInfo info)
    {
        int most = (int)Math.Min(info.ContextLength ?? int.MaxValue, int.MaxValue);
        int wanted = context.Parse.GetValue(MaxLength) ?? most;
        return wanted >= 2 && wanted <= most
            ? wanted
            : throw new UserInputException("--max-length", $"--max-length is {wanted}; 2 to {most} is allowed: {info.Name} reads no more at once.");
    }

    private static string Marked(TrainingSample sample, Tokenizer tokenizer)
    {
        var text = new StringBuilder();
        for (int start = 0; start < sample.Tokens.Length;)
        {
            int end = start + 1;
            while (end < sample.Tokens.Length && (sample.Weights[end] > 0) == (sample.Weights[start] > 0)) end++;
            string piece = tokenizer.Decode(sample.Tokens.AsSpan(start, end - start));
            text.Append(sample.Weights[start] > 0 ? $"[[{piece}]]" : piece);
            start = end;
        }

        return text.ToString();
    }
}
