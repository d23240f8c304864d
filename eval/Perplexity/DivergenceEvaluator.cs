using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Eval.Perplexity;

/// <summary>
/// Kullback–Leibler divergence of a model from a base model with the same vocabulary, over the chunks and tokens that llama-perplexity
/// compares. Both models run here, so that the base's distributions are exact and no file of them is needed.
/// </summary>
/// <param name="model">The model; its context must hold a chunk.</param>
/// <param name="baseModel">What it is held against.</param>
/// <param name="parseSpecial">Whether control tokens written in the text count as such, for text in the models' chat format.</param>
public sealed class DivergenceEvaluator(LocalModel model, LocalModel baseModel, bool parseSpecial = false)
{
    /// <summary>Compares the models.</summary>
    /// <param name="text">The text.</param>
    /// <param name="contextLength">Tokens of a chunk, 4 or more.</param>
    /// <param name="progress">Told after each chunk.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">
    /// The vocabularies differ, the text is too short, or a chunk does not fit a model's context.
    /// </exception>
    public async Task<DivergenceResult> CompareAsync(
        string text, int contextLength, IProgress<PerplexityProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 4);
        int[] tokens = CheckedTokens(text, contextLength);
        bool bos = model.Tokenizer.AddsBos;
        ScoringWindow[] windows = [.. ScoringWindow.Chunks(tokens, contextLength, bos ? model.Tokenizer.Bos : null)];
        var tally = new DivergenceTally(windows.Sum(window => window.Scored));
        int vocabulary = model.Tokenizer.VocabularySize;
        float[] rows = new float[checked(windows[0].Scored * vocabulary)];
        for (int i = 0; i < windows.Length; i++)
        {
            ScoringWindow window = windows[i];
            // 1. the base's distributions  2. the model's beside them, position by position
            await baseModel.ReadLogitsAsync(
                window.Tokens, window.From, (at, logits) => logits.CopyTo(
                    rows.AsSpan((at - window.From) * vocabulary)), cancellationToken: cancellationToken).ConfigureAwait(false);
            await model.ReadLogitsAsync(
                window.Tokens,
                window.From,
                (at, logits) => tally.Add(logits, rows.AsSpan((at - window.From) * vocabulary, vocabulary), window.Tokens[at]),
                cancellationToken: cancellationToken).ConfigureAwait(false);
            progress?.Report(new((i + 1) * contextLength, windows.Length * contextLength));
        }

        string signature = string.Create(
            CultureInfo.InvariantCulture,
                $"mode:kld|ctx:{contextLength}|bos:{(bos ? "yes" : "no")}|scored:second-half|vocab:{vocabulary}{(parseSpecial ? "|special:yes" : "")}|version:1");
        return tally.Result(windows.Length, contextLength, signature);
    }

    private int[] CheckedTokens(string text, int contextLength)
    {
        if (contextLength > Math.Min(model.Settings.ContextLength, baseModel.Settings.ContextLength))
        {
            throw new UserInputException(
                nameof(contextLength),
                $"A chunk has {contextLength:N0} tokens; the contexts hold {model.Settings.ContextLength:N0} and {baseModel.Settings.ContextLength:N0}.");
        }

        string shown = text.EndsWith('\n') ? text[..^1] : text;
        int[] tokens = model.Tokenizer.Encode(shown, addSpecial: true, parseSpecial);
        int[] others = baseModel.Tokenizer.Encode(shown, addSpecial: true, parseSpecial);
        if (model.Tokenizer.VocabularySize != baseModel.Tokenizer.VocabularySize || !tokens.AsSpan().SequenceEqual(others))
        {
            throw new UserInputException(
                nameof(baseModel),
                $"The models cut the text differently ({model.Tokenizer.VocabularySize:N0} and {baseModel.Tokenizer.VocabularySize:N0} tokens in the vocabulary); "
                + "their distributions can only be compared when they share a vocabulary.");
        }

        return tokens.Length >= 2 * contextLength ? tokens : throw new UserInputException(
            nameof(text),
                $"The text has {tokens.Length:N0} tokens; {2 * contextLength:N0} are needed for two chunks of {contextLength:N0}. Use more text or a smaller context.");
    }
}
