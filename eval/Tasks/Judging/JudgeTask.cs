using System.Globalization;
using System.Text.Json;
using AgentKit.Agents.Judge;
using AgentKit.Eval.Subjects;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks.Judging;

/// <summary>
/// The model is the judge: of two answers people have said which one is better (LLMBar, Zeng et al. 2024; pairs of MT-Bench, Zheng et al.
/// 2023). It is asked in both orders, and is right only if it is right in both.
/// </summary>
public sealed class JudgeTask : EvalTask
{
    internal static readonly JudgeOptions Options = new() { AllowTie = false };

    private const string InOrder = "in_order";
    private const string Swapped = "swapped";
    private const string LabelName = "label";

    internal JudgeTask(TaskDefinition definition)
        : base(definition)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } =
    [
        new("accuracy"), new("both_orders"), new("consistency"), new("prefers_first"), new("prefers_longer"), new("longest_baseline"),
        new("order_kappa", InOrder, MetricKind.Whole) { Figure = samples => Kappa(samples, (InOrder, Swapped)) },
        new("label_kappa", InOrder, MetricKind.Whole) { Figure = samples => Kappa(samples, (InOrder, LabelName), (Swapped, LabelName)) },
    ];

    /// <inheritdoc/>
    public override string Settings => "judge:pairs,both-orders,greedy";

    /// <inheritdoc/>
    internal override bool NeedsChat => true;

    /// <inheritdoc/>
    internal override bool TakesExamples(bool chat) => false;

    /// <inheritdoc/>
    public override EvalPrompt Render(EvalSample sample, IReadOnlyList<EvalSample> examples, bool chat)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return EvalPrompt.Chat(new ChatMessage(ChatRole.User, sample.Question));
    }

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(subject);
        using var client = new SubjectClient(subject, sample.Id);
        PairJudgment judgment = await new ModelJudge(client, Options)
            .CompareAsync(sample.Row.Text("input"), sample.Row.Text("output_1"), sample.Row.Text("output_2"), null, cancellationToken)
                .ConfigureAwait(false);
        return new() { Texts = judgment.Texts, Facts = new Dictionary<string,
            double> { [InOrder] = Place(judgment.InOrder), [Swapped] = Place(judgment.Swapped) } };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        (int first, int second) = (sample.Row.Text("output_1").Length, sample.Row.Text("output_2").Length);
        JudgedPair pair = new(Verdict(answer.Facts[InOrder]), Verdict(answer.Facts[Swapped]), Label(sample), first, second);
        // A report of one pair holds this pair's numbers; their means are the report of all, but for κ, which needs all verdicts.
        JudgeReport report = JudgeReport.Of([pair]);
        Dictionary<string, double> metrics = new()
        {
            ["accuracy"] = report.Accuracy,
            ["both_orders"] = report.RightInBoth,
            ["consistency"] = report.Consistency,
            ["prefers_first"] = report.PrefersFirstShown,
            ["prefers_longer"] = report.PrefersLonger,
            ["longest_baseline"] = report.LongestBaseline,
            [InOrder] = answer.Facts[InOrder],
            [Swapped] = answer.Facts[Swapped],
            [LabelName] = Place(pair.Label),
        };
        return Task.FromResult(
            new SampleGrade(metrics, $"{Describe(pair.InOrder)}, swapped: {Describe(pair.Swapped)}", Describe(pair.Label)));
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files)
    {
        foreach ((string Name, string Text) file in files.SelectMany(pattern => data.Read(Name, pattern)))
        {
            string part = Path.GetFileName(Path.GetDirectoryName(file.Name)!);
            int i = 0;
            foreach (JsonElement row in JsonRows.Read(file))
            {
                var sample = new EvalSample($"{part}/{(i++).ToString(CultureInfo.InvariantCulture)}", row.Text(
                    "input")) { Group = part, Row = row, References = [""] };
                Label(sample);
                yield return sample;
            }
        }
    }

    internal static Verdict Label(EvalSample sample) => sample.Row.GetProperty("label").GetInt32() switch
    {
        1 => Agents.Judge.Verdict.First,
        2 => Agents.Judge.Verdict.Second,
        var other => throw new FormatException($"The label of {sample.Id} is {other}; 1 or 2 is expected."),
    };

    private static double Kappa(IEnumerable<IReadOnlyDictionary<string, double>> samples, params (string One, string Other)[] raters) =>
        Agreement.Kappa([.. samples.SelectMany(sample => raters.Select(pair => (sample[pair.One], sample[pair.Other])))]);

    private static double Place(Verdict? verdict) => verdict is { } given ? (int)given : -1;

    private static Verdict? Verdict(double place) => place < 0 ? null : (Verdict)(int)place;

    private static string Describe(Verdict? verdict) => verdict switch
    {
        Agents.Judge.Verdict.First => "1",
        Agents.Judge.Verdict.Second => "2",
        Agents.Judge.Verdict.Tie => "tie",
        _ => "?",
    };
}
