using AgentKit.Eval.Tasks;

namespace AgentKit.Eval.Contamination;

/// <summary>
/// Looks for a task's questions in a training text: shared runs of n words (Brown et al. 2020, appendix C: 13; 8 already meets common
/// phrases). Words stand between white space, in lower case, with letters and digits alone.
/// </summary>
public static class ContaminationCheck
{
    /// <summary>Checks the questions of a task against training texts.</summary>
    /// <param name="samples">The questions.</param>
    /// <param name="training">The training texts, one document each.</param>
    /// <param name="words">Length of the runs, 1 to 100.</param>
    /// <param name="cancellationToken">Cancels between documents.</param>
    /// <returns>The questions with at least one such run, most covered first.</returns>
    public static IReadOnlyList<ContaminatedSample> Find(
        IEnumerable<EvalSample> samples, IEnumerable<string> training, int words = 13, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(words);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(words, 100);
        (EvalSample Sample, string[] Words)[] questions = [.. samples.Select(sample => (sample, Words(sample.Question)))];
        // The questions are the smaller side: they are kept, the training texts pass by.
        Dictionary<string, int> runs = new(StringComparer.Ordinal);
        foreach ((_, string[] question) in questions)
        {
            foreach (string run in Runs(question, words)) runs.TryAdd(run, 0);
        }

        int document = 0;
        foreach (string text in training)
        {
            cancellationToken.ThrowIfCancellationRequested();
            document++;
            foreach (string run in Runs(Words(text), words))
            {
                if (runs.TryGetValue(run, out int found) && found == 0) runs[run] = document;
            }
        }

        return
        [
            .. questions.Select(question => Covered(question.Sample.Id, question.Words, runs, words)).OfType<ContaminatedSample>()
                .OrderByDescending(found => found.Coverage)
        ];
    }

    private static ContaminatedSample? Covered(string id, string[] question, Dictionary<string, int> runs, int words)
    {
        bool[] covered = new bool[question.Length];
        string? first = null;
        int at = 0, document = 0;
        foreach (string run in Runs(question, words))
        {
            if (runs[run] is > 0 and var found)
            {
                covered.AsSpan(at, words).Fill(true);
                if (first is null) (first, document) = (run, found);
            }

            at++;
        }

        return first is null ? null : new(id, covered.Count(word => word) / (double)question.Length, first, document);
    }

    private static IEnumerable<string> Runs(string[] text, int words)
    {
        for (int i = 0; i + words <= text.Length; i++) yield return string.Join(' ', text, i, words);
    }

    private static string[] Words(string text)
    {
        string plain = string.Concat(text.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || char.IsWhiteSpace(c)));
        return plain.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}
