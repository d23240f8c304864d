using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Eval;
using AgentKit.Cli.Output;
using AgentKit.Eval.Perplexity;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Pruning;
using AgentKit.Training.Data;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>--kld FILE</c>: after a copy has been written, how far it is from what it was made from.</summary>
internal sealed class CompressionReport
{
    private readonly CommandContext _context;
    private readonly string _text, _hash;
    private readonly int _length;

    private CompressionReport(CommandContext context, string text, string hash, int length) =>
        (_context, _text, _hash, _length) = (context, text, hash, length);

    public static Option<string> Kld { get; } = new("--kld")
    {
        Description = "A text to compare the copy with the original on, not the calibration text: KL divergence, same most likely token, perplexity. "
            + "Stored beside OUT as OUT.kld.json.",
        HelpName = "file",
    };

    /// <summary>What the options ask for, with the text read before any long work; null when they ask for nothing.</summary>
    /// <param name="context">The command.</param>
    /// <param name="model">The model that the copy will be made from.</param>
    /// <param name="readBy">The options of the command that make it read texts.</param>
    /// <exception cref="UserInputException">
    /// The file cannot be read or is too short, a chunk is too short or does not fit the model, or it is said how to read texts and there are none.
    /// </exception>
    public static CompressionReport? Read(CommandContext context, string model, string readBy)
    {
        if (context.Parse.GetValue(Kld) is not { } path)
        {
            bool reads = context.Parse.GetValue(CalibrationOptions.Text) is not null;
            if (!reads) CalibrationOptions.RefuseUnused(context, readBy, CalibrationOptions.Context, CalibrationOptions.ParseSpecial);
            return null;
        }

        int length = context.Parse.GetValue(CalibrationOptions.Context);
        if (length < 4) throw new UserInputException(CalibrationOptions.Context.Name, $"{CalibrationOptions.Context.Name} is {length}; 4 or more is allowed.");
        if (ModelInfo.Read(model).ContextLength is { } longest && length > longest)
        {
            throw new UserInputException(
                CalibrationOptions.Context.Name, $"{CalibrationOptions.Context.Name} is {length}; the model was trained for at most {longest} tokens.");
        }

        (string text, string hash) = SegmentFile.Hashed(Kld.Name, path);
        CheckLength(context, model, text, length);
        return new(context, text, hash, length);
    }

    /// <summary>A text that is too short would show only when the copy is made and both models are loaded.</summary>
    private static void CheckLength(CommandContext context, string model, string text, int length)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(model);
        string shown = text.EndsWith('\n') ? text[..^1] : text;
        int tokens = vocabulary.Tokenizer.Encode(shown, addSpecial: true, context.Parse.GetValue(CalibrationOptions.ParseSpecial)).Length;
        if (tokens >= 2L * length) return;
        throw new UserInputException(
            Kld.Name,
            $"{Kld.Name}: the text has {tokens:N0} tokens; {2L * length:N0} are needed for two chunks of {length:N0}. "
            + $"Use more text or a smaller {CalibrationOptions.Context.Name}.");
    }

    /// <summary>Removes the report of an earlier copy under that name.</summary>
    public static void Forget(string output) => File.Delete(FileOf(output));

    /// <summary>Compares, shows and stores.</summary>
    /// <param name="before">The model the copy was made from.</param>
    /// <param name="after">The copy.</param>
    /// <param name="bytes">Bytes of both, all files of a split model together.</param>
    /// <param name="calibration">SHA-256 of the calibration text, if known.</param>
    /// <exception cref="UserInputException">The text is too short; the copy stays.</exception>
    public async Task<CompressionReportJson> MeasureAsync(string before, string after, (long Before, long After) bytes, string? calibration)
    {
        try
        {
            DivergenceResult result = await CompareAsync(before, after);
            WeightSparsity Zeros(string path) => WeightSparsity.Measure(path, null, _context.Stop);
            (double sparsityBefore, double sparsityAfter) = (Zeros(before).Share, Zeros(after).Share);
            var document = new CompressionReportJson(
                before,
                after,
                result.Mean,
                result.StandardError,
                result.Percentiles.ToDictionary(pair => pair.Key.ToString(CultureInfo.InvariantCulture), pair => pair.Value),
                result.SameTop,
                result.Perplexity / result.BasePerplexity,
                result.Perplexity,
                result.BasePerplexity,
                result.TokensScored,
                result.ContextLength,
                _hash,
                bytes.Before,
                bytes.After,
                sparsityBefore,
                sparsityAfter,
                $"{result.Signature}|data:{_hash[..12]}",
                calibration == _hash,
                FileOf(after));
            Store(document);
            Show(document);
            return document;
        }
        catch (Exception e) when (e is UserInputException or OperationCanceledException or NativeRuntimeException)
        {
            _context.Screen.Notice($"{after} is written and sound; only its comparison with the original is missing ('agentkit eval kld' makes it).");
            if (e is UserInputException fault) throw Named(fault);
            throw;
        }
    }

    private async Task<DivergenceResult> CompareAsync(string before, string after)
    {
        var options = new LocalModelOptions { ContextLength = _length, Parallel = 1, PromptCacheBytes = 0, Threads = ModelOptions.Read(_context).Threads };
        using LocalModel model = LocalModel.Open(after, options, _context.Loggers);
        using LocalModel baseModel = LocalModel.Open(before, options, _context.Loggers);
        using var line = new ProgressLine(_context.Terminal, _context.Quiet, _context.Time, "tokens");
        return await new DivergenceEvaluator(model, baseModel, _context.Parse.GetValue(CalibrationOptions.ParseSpecial))
            .CompareAsync(_text, _length, new TokenProgress(line), _context.Stop);
    }

    private static string FileOf(string output) => output + ".kld.json";

    private static UserInputException Named(UserInputException fault)
    {
        string? option = fault.Field switch
        {
            nameof(LocalModelOptions.ContextLength) or "contextLength" => CalibrationOptions.Context.Name,
            "text" => Kld.Name,
            _ => null,
        };
        return option is null ? fault : new(option, $"{option}: {fault.Message}", fault);
    }

    private static void Store(CompressionReportJson document)
    {
        string partial = $"{document.Report}.{Path.GetRandomFileName()}.partial";
        try
        {
            using (StreamWriter writer = new(partial)) JsonOutput.Write(writer, document);
            File.Move(partial, document.Report, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private void Show(CompressionReportJson report)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        Screen screen = _context.Screen;
        screen.ShowLine(string.Create(plain, $"kld = {report.KldMean:0.000000} ± {report.KldStderr:0.000000}  99% {report.KldPercentiles["99"]:0.000000}"));
        screen.ShowLine(string.Create(plain, $"same most likely token = {100 * report.Top1Agreement:0.00} %"));
        screen.ShowLine(string.Create(plain, $"ppl = {report.Ppl:0.0000}  before = {report.PplBase:0.0000}  ratio = {report.PplRatio:0.0000}"));
        screen.ShowLine(string.Create(
            plain,
            $"size = {Quantity.Bytes(report.BytesAfter)} ({100.0 * report.BytesAfter / report.BytesBefore:0.0} %)  zeros = {100 * report.SparsityAfter:0.00} % "
            + $"(before {100 * report.SparsityBefore:0.00} %)"));
        if (report.OnCalibrationText) screen.Progress("[yellow]note:[/] this is the calibration text; on another one the copy does worse.");
        screen.Progress($"[grey]{Markup.Escape(report.Signature)} -> {Markup.Escape(report.Report)}[/]");
    }
}
