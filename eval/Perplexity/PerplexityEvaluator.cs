using System.Globalization;
using System.Text;
using AgentKit.Eval.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Eval.Perplexity;

/// <summary>
/// Perplexity of a text under a model. As many windows are decoded together as the model was opened for; batching changes logits in their
/// last digits, so a model opened with <see cref="LocalModelOptions.Parallel"/> 1 gives the reproducible number.
/// </summary>
/// <param name="model">The model; its context must hold a window.</param>
/// <param name="options">How the text is cut.</param>
public sealed class PerplexityEvaluator(LocalModel model, PerplexityOptions? options = null)
{
    private const int DefaultChunk = 512;
    private const int ComparedWindows = 4;

    private readonly PerplexityOptions _options = options ?? new();

    /// <summary>
    /// llama-perplexity's number: chunks side by side, each begun with the model's begin token where it has one; the second half of each is
    /// scored; what does not fill a chunk is dropped, and so is one line end at the end of the text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="progress">Told after each chunk.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">
    /// The text has fewer tokens than two chunks, or a chunk does not fit the model's context.
    /// </exception>
    public async Task<PerplexityResult> ChunksAsync(
        string text, IProgress<PerplexityProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        int length = _options.ContextLength ?? Math.Min(DefaultChunk, model.Settings.ContextLength);
        if (length > model.Settings.ContextLength)
        {
            throw new UserInputException(
                nameof(PerplexityOptions.ContextLength),
                    $"A chunk has {length:N0} tokens; the model's context holds {model.Settings.ContextLength:N0}.");
        }

        int[] tokens = model.Tokenizer.Encode(text.EndsWith('\n') ? text[..^1] : text, addSpecial: true);
        if (tokens.Length < 2 * length)
        {
            throw new UserInputException(
                nameof(text),
                    $"The text has {tokens.Length:N0} tokens; {2 * length:N0} are needed for two chunks of {length:N0}. Use more text or a smaller context.");
        }

        bool bos = model.Tokenizer.AddsBos;
        ScoringWindow[] windows = [.. ScoringWindow.Chunks(tokens, length, bos ? model.Tokenizer.Bos : null)];
        Scored scored = await ScoreAsync(windows, progress, cancellationToken).ConfigureAwait(false);
        return Result("chunks", tokens, windows, length, bos, scored);
    }

    /// <summary>
    /// lm-evaluation-harness's numbers: every token is scored once, in windows that each begin with the token before them; perplexity also
    /// for each word and byte of the text, which can be compared across vocabularies.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="progress">Told after each window.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">
    /// The text is empty, the model has neither begin nor end token, or a window does not fit its context.
    /// </exception>
    public async Task<PerplexityResult> RollingAsync(
        string text, IProgress<PerplexityProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        // The token before the window and those in it are read together.
        int length = _options.ContextLength ?? Math.Min(DefaultChunk, model.Settings.ContextLength - 1);
        if (length >= model.Settings.ContextLength)
        {
            throw new UserInputException(
                nameof(PerplexityOptions.ContextLength),
                $"A window of {length:N0} tokens needs a context of {length + 1:N0}; the model's holds {model.Settings.ContextLength:N0}.");
        }

        int prefix = model.Tokenizer.Bos >= 0 ? model.Tokenizer.Bos : model.Tokenizer.Eos;
        if (prefix < 0) throw new UserInputException(
            "model", "The model has neither a begin nor an end token; there is nothing to put before the first token.");
        int[] tokens = model.Tokenizer.Encode(text);
        ScoringWindow[] windows = [.. ScoringWindow.Rolling(tokens, length, prefix)];
        Scored scored = await ScoreAsync(windows, progress, cancellationToken).ConfigureAwait(false);
        double sum = scored.Sum;
        int bytes = Encoding.UTF8.GetByteCount(text);
        return Result("rolling", tokens, windows, length, model.Tokenizer.Bos >= 0, scored) with
        {
            WordPerplexity = Math.Exp(sum / PieceCount(text)),
            BytePerplexity = Math.Exp(sum / bytes),
            BitsPerByte = sum / bytes / Math.Log(2),
        };
    }

    private async Task<Scored> ScoreAsync(
        ScoringWindow[] windows, IProgress<PerplexityProgress>? progress, CancellationToken cancellationToken)
    {
        // One cell a window, added up in order: the sum does not depend on which window was ready first.
        (double Sum, double Squares)[] parts = new (double, double)[windows.Length];
        int total = windows.Sum(window => window.Tokens.Length);
        int done = 0;
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = model.Settings.Parallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, windows.Length, parallel, async (i, stop) =>
        {
            parts[i] = await ScoreAsync(windows[i], stop).ConfigureAwait(false);
            progress?.Report(new(Interlocked.Add(ref done, windows[i].Tokens.Length), total));
        }).ConfigureAwait(false);
        double? difference = model.Settings.Parallel == 1 ? null : await CompareAsync(windows, parts, cancellationToken).ConfigureAwait(false);
        return new(parts.Sum(part => part.Sum), parts.Sum(part => part.Squares), difference);
    }

    private async Task<(double Sum, double Squares)> ScoreAsync(ScoringWindow window, CancellationToken cancellationToken)
    {
        (double sum, double squares) = (0, 0);
        var scored = await model.ScoreAsync(window.Tokens, window.From, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (TokenLogProbability token in scored)
        {
            sum -= token.LogProbability;
            squares += token.LogProbability * token.LogProbability;
        }

        return (sum, squares);
    }

    /// <summary>The first windows once more, alone.</summary>
    private async Task<double> CompareAsync(ScoringWindow[] windows, (double Sum, double Squares)[] together, CancellationToken cancellationToken)
    {
        (double alone, double before) = (0, 0);
        for (int i = 0; i < Math.Min(ComparedWindows, windows.Length); i++)
        {
            await model.ForgetPromptsAsync().ConfigureAwait(false);
            alone += (await ScoreAsync(windows[i], cancellationToken).ConfigureAwait(false)).Sum;
            before += together[i].Sum;
        }

        return (before - alone) / alone;
    }

    private PerplexityResult Result(string mode, int[] tokens, ScoringWindow[] windows, int length, bool bos, Scored total)
    {
        (double sum, double squares) = (total.Sum, total.Squares);
        int scored = windows.Sum(window => window.Scored);
        double mean = sum / scored;
        double perplexity = Math.Exp(mean);
        double variance = Math.Max(0, squares / scored - mean * mean);
        return new()
        {
            Mode = mode,
            Perplexity = perplexity,
            StandardError = scored > 1 ? perplexity * Math.Sqrt(variance / (scored - 1)) : double.NaN,
            MeanNegativeLogLikelihood = mean,
            Tokens = tokens.Length,
            TokensScored = scored,
            Chunks = windows.Length,
            ContextLength = length,
            Bos = bos,
            BatchingDifference = total.BatchingDifference,
            Baselines = _options.NGramOrder == 0 ? [] : Baselines(tokens, windows),
            Signature = string.Create(
                CultureInfo.InvariantCulture,
                $"mode:{mode}|ctx:{length}|bos:{(bos ? "yes" : "no")}|scored:{(mode == "chunks" ? "second-half" : "all")}|vocab:{model.Tokenizer.VocabularySize}|version:1"),
        };
    }

    private NGramPerplexity[] Baselines(int[] tokens, ScoringWindow[] windows)
    {
        bool[] counts = new bool[tokens.Length];
        foreach (ScoringWindow window in windows) counts.AsSpan(window.Start, window.Scored).Fill(true);
        var ngrams = new NGramModel(_options.NGramOrder, model.Tokenizer.VocabularySize);
        double laplace = 0, kneserNey = 0;
        int scored = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            (double one, double other) = ngrams.Read(tokens, i);
            if (!counts[i]) continue;
            laplace -= Math.Log(one);
            kneserNey -= Math.Log(other);
            scored++;
        }

        return
        [
            new("laplace", _options.NGramOrder, Math.Exp(laplace / scored)),
            new("kneser_ney", _options.NGramOrder, Math.Exp(kneserNey / scored)),
        ];
    }

    // Words as the harness counts them: pieces between runs of white space, empty ones at the ends included.
    private static int PieceCount(string text)
    {
        int pieces = 1;
        for (int i = 0; i < text.Length; i++)
        {
            if (PythonText.IsSpace(text[i]) && (i == 0 || !PythonText.IsSpace(text[i - 1]))) pieces++;
        }

        return pieces;
    }

    private readonly record struct Scored(double Sum, double Squares, double? BatchingDifference);
}
