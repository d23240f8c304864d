using AgentKit.Eval.Subjects;

namespace AgentKit.Eval.Tasks.Choices;

/// <summary>
/// The model chooses the answer it finds most likely. All ways to count that are in use are reported: <c>acc</c> by the whole answer's
/// log-probability,
/// <c>acc_norm</c> by that per character, <c>acc_bytes</c> per UTF-8 byte, <c>acc_token</c> per token, and <c>acc_llama</c> as llama-perplexity
/// counts HellaSwag, per token without those that all endings begin with, and WinoGrande, per token without the last one.
/// With one choice, a text and its right ending, <c>acc</c> says whether the model would have written it.
/// </summary>
public sealed class ChoiceTask : EvalTask
{
    /// <summary>The one reader whose samples have a single choice, the right ending.</summary>
    private const string LastWord = "last_word";

    private static readonly TaskMetric[] Accuracies = [new("acc"), new("acc_norm"), new("acc_bytes"), new("acc_token")];
    private static readonly TaskMetric[] AsLlama = [.. Accuracies, new("acc_llama")];
    private static readonly TaskMetric[] OfEndings = [new("acc"), new("perplexity", "log_likelihood", MetricKind.Perplexity)];

    private readonly ChoiceReader _reader;

    internal ChoiceTask(TaskDefinition definition)
        : base(definition)
    {
        _reader = ChoiceReader.Find(definition.Reader);
        Metrics = definition.Metric == "mc2"
            ? [new("mc2")] : definition.Reader switch { LastWord => OfEndings, "blank" or "six_lines" => AsLlama, _ => Accuracies };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; }

    /// <inheritdoc/>
    public override string Settings => "";

    /// <inheritdoc/>
    internal override bool ExamplesByPart => Definition.Reader == "letters";

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(subject);
        ScoreRequest[] requests =
        [
            .. sample.Choices.Select(choice => new ScoreRequest(
                choice.Context is null ? prompt : Before(prompt, sample, choice.Context),
                choice.Continuation ?? (prompt.IsChat ? choice.Text : " " + choice.Text)))
        ];
        return new() { Scores = await subject.ScoreAsync(requests, cancellationToken).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Scores.FirstOrDefault(score => !double.IsFinite(score.LogLikelihood)) is not null)
            throw new InvalidOperationException("The model gave a log-probability that is not a number.");
        return Task.FromResult(sample.Choices.Count == 1
            ? OneEnding(sample, answer.Scores[0]) : Definition.Metric == "mc2" ? TrueMass(sample, answer) : Choice(sample, answer));
    }

    /// <inheritdoc/>
    protected internal override string Target(EvalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        EvalChoice right = sample.Choices[sample.Gold[0]];
        return right.Continuation?.Trim() ?? right.Text;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files) =>
        _reader.Read(this, data, files).Select(sample => sample.Choices.Count >= 2 || Definition.Reader == LastWord
            ? sample
            : throw new FormatException($"Question {sample.Id} has {sample.Choices.Count} choices; two or more are expected."));

    // The examples stay; only the last question differs from choice to choice.
    private EvalPrompt Before(EvalPrompt prompt, EvalSample sample, string context) =>
        EvalPrompt.Plain(prompt.Text[..^Ask(sample).Length] + context);

    private SampleGrade Choice(EvalSample sample, SampleAnswer answer)
    {
        double[] sums = [.. answer.Scores.Select(score => score.LogLikelihood)];
        int[] best =
        [
            Best(sums, _ => 1),
            Best(sums, i => Math.Max(1, Text.PythonText.CodePoints(sample.Choices[i].Text).Length)),
            Best(sums, i => Math.Max(1, System.Text.Encoding.UTF8.GetByteCount(sample.Choices[i].Text))),
            Best(sums, i => answer.Scores[i].LogProbabilities.Count),
            Best(Definition.Reader == "blank" ? [.. answer.Scores.Select(WithoutLast)] : WithoutShared(answer.Scores), _ => 1),
        ];
        var metrics = Metrics.Select((metric, i) => (metric.Name, Value: sample.Gold.Contains(best[i]) ? 1.0 : 0))
            .ToDictionary(pair => pair.Name, pair => pair.Value);
        double[] shares = Shares(sums);
        // The answer that is shown is the one that the task's own metric counts; sureness belongs to the whole answer's probability.
        int shown = best[Metrics.TakeWhile(metric => metric.Name != Definition.Metric).Count()];
        string right = string.Join(" | ", sample.Gold.Select(gold => sample.Choices[gold].Text));
        return new(metrics, sample.Choices[shown].Text, right) { Confidence = shares[best[0]] };
    }

    private static SampleGrade TrueMass(EvalSample sample, SampleAnswer answer)
    {
        double[] shares = Shares([.. answer.Scores.Select(score => score.LogLikelihood)]);
        double mass = sample.Gold.Sum(gold => shares[gold]);
        int best = Array.IndexOf(shares, shares.Max());
        return new(new Dictionary<string, double> { ["mc2"] = mass }, sample.Choices[best].Text, string.Join(
            " | ", sample.Gold.Select(gold => sample.Choices[gold].Text)));
    }

    private static SampleGrade OneEnding(EvalSample sample, ContinuationScore score) => new(
        new Dictionary<string, double> { ["acc"] = score.IsGreedy ? 1 : 0, ["log_likelihood"] = score.LogLikelihood },
        score.IsGreedy ? sample.Choices[0].Text : "",
        sample.Choices[0].Text)
    {
        Confidence = Math.Exp(score.LogLikelihood),
    };

    private static int Best(double[] sums, Func<int, double> length) => Enumerable.Range(0, sums.Length).MaxBy(i => sums[i] / length(i));

    private static double WithoutLast(ContinuationScore score) =>
        score.LogProbabilities.Take(Math.Max(1, score.LogProbabilities.Count - 1)).Average();

    private static double[] WithoutShared(IReadOnlyList<ContinuationScore> scores)
    {
        int shortest = scores.Min(score => score.Tokens.Count), shared = 0;
        // Of every ending one token at least counts.
        while (shared < shortest - 1 && scores.All(score => score.Tokens[shared] == scores[0].Tokens[shared])) shared++;
        return [.. scores.Select(score => score.LogProbabilities.Skip(shared).Average())];
    }

    private static double[] Shares(double[] sums)
    {
        double most = sums.Max();
        double[] shares = Array.ConvertAll(sums, sum => Math.Exp(sum - most));
        double total = shares.Sum();
        return Array.ConvertAll(shares, share => share / total);
    }
}
