using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Agents.Judge;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks.Judging;

/// <summary>
/// The subject answers questions of two turns, and a second model judges the answers (Zheng et al. 2023): on a scale of 1 to 9, weighted by its
/// probability for each point, or against another model's answers in both orders. Where there is a reference answer the judge sees it.
/// </summary>
public sealed class JudgedTask : EvalTask
{
    private static readonly JudgeOptions Scale = new() { LeastPoint = 1, MostPoint = 9 };
    private static readonly JudgeOptions Pairs = new();

    private readonly bool _wins;
    private EvalJudge? _judge;
    private IReadOnlyDictionary<string, IReadOnlyList<string>>? _against;
    private string _settings = "";

    internal JudgedTask(TaskDefinition definition)
        : base(definition)
    {
        _wins = definition.Reader switch
        {
            "points" => false,
            "wins" => true,
            var other => throw new FormatException($"There is no reader '{other}' for judged answers; known: points, wins."),
        };
        Metrics = _wins
            ? [new("win_rate"), new("consistency"), new("prefers_longer"), new("unreadable")]
            : [new("points"), new("turn_1"), new("turn_2"), new("covered")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; }

    /// <inheritdoc/>
    public override string Settings => $"{base.Settings}|{_settings}";

    /// <inheritdoc/>
    internal override bool NeedsJudge => true;

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
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(subject);
        List<ChatMessage> messages = [];
        List<string> answers = [];
        foreach (string turn in sample.Row.Texts("turns"))
        {
            messages.Add(new(ChatRole.User, turn));
            GenerateRequest request = new(Attempt.Id(sample.Id, answers.Count), EvalPrompt.Chat([.. messages])) { MaxTokens = Definition.MaxTokens };
            SubjectReply reply = await subject.GenerateAsync(request, cancellationToken).ConfigureAwait(false);
            answers.Add(reply.Text);
            messages.Add(new(ChatRole.Assistant, reply.Text));
        }

        return new() { Texts = answers };
    }

    /// <inheritdoc/>
    public override async Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        string prediction = string.Join("\n\n", answer.Texts);
        return _wins
            ? await CompareAsync(sample, answer.Texts, prediction, cancellationToken).ConfigureAwait(false)
            : await ScoreAsync(sample, answer.Texts, prediction, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    internal override void Prepare(EvalOptions options)
    {
        _judge = options.Judge ?? throw new UserInputException(
            "--judge", $"--judge is needed for {Name}: a second model judges the answers, and it should not be the one under test.");
        _against = options.Against;
        if (_wins && _against is null)
            throw new UserInputException("--against", $"--against is needed for {Name}: a finished run of mt_bench, or a file of another model's answers.");
        _settings = $"judge:{_judge.Signature}" + (_wins ? $"|against:{Fingerprint(_against!)}" : "|scale:1-9");
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files)
    {
        Dictionary<string, string[]> references = (Definition.FurtherFiles ?? [])
            .SelectMany(file => data.Read(Name, file)).SelectMany(JsonRows.Read)
            .ToDictionary(row => row.GetProperty("question_id").ToString(), row => row.GetProperty("choices")[0].Texts("turns"));
        return JsonRows.All(data, Name, files).Select(row =>
        {
            string id = row.GetProperty("question_id").ToString();
            string[] turns = row.Texts("turns");
            if (turns.Length == 0) throw new FormatException($"Question {id} has no turns.");
            return new EvalSample(id, turns[0]) { Group = row.Text("category"), Row = row, References = references.GetValueOrDefault(id) ?? [] };
        });
    }

    private async Task<SampleGrade> ScoreAsync(EvalSample sample, IReadOnlyList<string> answers, string prediction, CancellationToken cancellationToken)
    {
        List<RubricJudgment> judged = [];
        for (int turn = 0; turn < answers.Count; turn++)
        {
            (string question, string? reference, int at) = (Question(sample, answers, turn), sample.References.ElementAtOrDefault(turn), turn);
            judged.Add(await _judge!.AskAsync(
                Scale, judge => judge.ScoreAsync(question, answers[at], reference, cancellationToken), cancellationToken).ConfigureAwait(false));
        }

        Dictionary<string, double> metrics = new()
        {
            ["points"] = judged.Average(one => one.Score),
            ["turn_1"] = judged[0].Score,
            ["turn_2"] = judged[^1].Score,
            ["covered"] = judged.Average(one => one.Covered),
        };
        string reason = string.Join("; ", judged.Select((one, i) => string.Create(CultureInfo.InvariantCulture, $"turn {i + 1}: {one.Score:0.00} points")));
        return new(metrics, prediction, string.Join("\n\n", sample.References)) { Reason = reason };
    }

    private async Task<SampleGrade> CompareAsync(EvalSample sample, IReadOnlyList<string> answers, string prediction, CancellationToken cancellationToken)
    {
        if (!_against!.TryGetValue(sample.Id, out IReadOnlyList<string>? others) || others.Count < answers.Count)
            throw new UserInputException("against", $"The other model has no answer to every turn of question {sample.Id}.");
        List<PairJudgment> judged = [];
        for (int turn = 0; turn < answers.Count; turn++)
        {
            (string question, string? reference, int at) = (Question(sample, null, turn), sample.References.ElementAtOrDefault(turn), turn);
            judged.Add(await _judge!.AskAsync(
                Pairs,
                judge => judge.CompareAsync(question, Dialogue(answers, at), Dialogue(others, at), reference, cancellationToken),
                cancellationToken).ConfigureAwait(false));
        }

        // The label is not known; the report is only asked for habits.
        JudgeReport habits = JudgeReport.Of([.. judged.Select((one, i) => new JudgedPair(one.InOrder, one.Swapped, Verdict.Tie, answers[i].Length, others[i].Length))]);
        Dictionary<string, double> metrics = new()
        {
            ["win_rate"] = judged.Average(one => one.Verdict switch { Verdict.First => 1, Verdict.Second => 0, _ => 0.5 }),
            ["consistency"] = habits.Consistency,
            ["prefers_longer"] = habits.PrefersLonger,
            ["unreadable"] = habits.Unreadable / (2.0 * habits.Count),
        };
        string reason = string.Join("; ", judged.Select((one, i) => $"turn {i + 1}: {(one.IsConsistent ? one.Verdict.ToString() : "tie, the orders disagree")}"));
        return new(metrics, prediction, string.Join("\n\n", others)) { Reason = reason };
    }

    /// <summary>What was asked up to a turn; with the answers given so far where there is only one dialogue.</summary>
    private static string Question(EvalSample sample, IReadOnlyList<string>? answers, int turn)
    {
        string[] turns = sample.Row.Texts("turns");
        if (turn == 0) return turns[0];
        var text = new StringBuilder();
        for (int i = 0; i < turn; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(turn {i + 1}) {turns[i]}\n");
            if (answers is not null) text.Append(CultureInfo.InvariantCulture, $"(answer {i + 1}) {answers[i]}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"(turn {turn + 1}, to be judged) {turns[turn]}").ToString();
    }

    /// <summary>The answer to a turn, with those before it, which it may build on.</summary>
    private static string Dialogue(IReadOnlyList<string> answers, int turn) => turn == 0
        ? answers[0]
        : string.Join("\n\n", answers.Take(turn + 1).Select((answer, i) => string.Create(CultureInfo.InvariantCulture, $"(answer {i + 1}) {answer}")));

    private static string Fingerprint(IReadOnlyDictionary<string, IReadOnlyList<string>> answers)
    {
        string all = JsonSerializer.Serialize(answers.OrderBy(pair => pair.Key, StringComparer.Ordinal), EvalJson.Compact);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..12];
    }
}
