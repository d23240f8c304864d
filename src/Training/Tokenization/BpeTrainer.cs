using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Tokenization;

/// <summary>
/// Trains a byte-level byte-pair vocabulary (Sennrich et al. 2016, algorithm 1, on the bytes of UTF-8 as in Radford et al. 2019): the pair of
/// neighbouring tokens that is there most often becomes a token, again and again. Of equally frequent pairs the one with the lower numbers wins, so
/// the same text gives the same vocabulary on every machine and with any number of threads.
/// </summary>
public static class BpeTrainer
{
    private const int ReportEvery = 256;

    /// <summary>Trains a vocabulary; it has fewer tokens than wanted where no pair is left that is there often enough.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="options">Size and special tokens; the defaults when null.</param>
    /// <param name="threads">Threads that count words.</param>
    /// <param name="progress">Told now and then, from any thread.</param>
    /// <param name="stop">Stops.</param>
    /// <exception cref="UserInputException">A file cannot be read, or the special tokens leave no room.</exception>
    public static BpeVocabulary Train(
        TextCorpus corpus, BpeOptions? options = null, int threads = 1, Action<BpeProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        options ??= new();
        int wanted = options.Vocabulary - (byte.MaxValue + 1) - options.Special.Count;
        if (wanted < 0)
            throw new UserInputException("vocabulary", $"vocabulary is {options.Vocabulary}; 256 bytes and {options.Special.Count} special tokens need more.");
        var words = new PairTable(WordCounter.Count(corpus, threads, progress, stop));
        List<(int Left, int Right)> merges = [];
        while (merges.Count < wanted && words.MostFrequent(options.LeastCount) is { } pair)
        {
            stop.ThrowIfCancellationRequested();
            words.Merge(pair, byte.MaxValue + 1 + merges.Count);
            merges.Add(pair);
            if (merges.Count % ReportEvery == 0) progress?.Invoke(new(true, merges.Count, wanted));
        }

        return new(merges, options.Special);
    }
}
