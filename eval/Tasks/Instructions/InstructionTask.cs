using System.Text.Json;
using AgentKit.Eval.Subjects;

namespace AgentKit.Eval.Tasks.Instructions;

/// <summary>
/// IFEval (Zhou et al. 2023): instructions that a program can check. Strict counts the text as it is; loose also without its first or last
/// line and without asterisks, the best of eight forms. By prompt all instructions must be followed, by instruction each counts.
/// </summary>
public sealed class InstructionTask : EvalTask
{
    internal InstructionTask(TaskDefinition definition)
        : base(definition)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } =
    [
        new("prompt_strict"),
        new("inst_strict", "followed_strict", MetricKind.Ratio) { Per = "instructions" },
        new("prompt_loose"),
        new("inst_loose", "followed_loose", MetricKind.Ratio) { Per = "instructions" },
    ];

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(subject);
        SubjectReply reply = await subject.GenerateAsync(new(sample.Id, prompt) { MaxTokens = Definition.MaxTokens }, cancellationToken)
            .ConfigureAwait(false);
        return new() { Texts = [reply.Text] };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        (string Id, JsonElement Arguments)[] instructions = [.. Instructions(sample.Row)];
        bool[] strict = Array.ConvertAll(instructions, one => Follows(one, answer.Text));
        string[] forms = [.. Forms(answer.Text)];
        bool[] loose = Array.ConvertAll(instructions, one => forms.Any(form => Follows(one, form)));
        Dictionary<string, double> metrics = new()
        {
            ["prompt_strict"] = strict.All(followed => followed) ? 1 : 0,
            ["prompt_loose"] = loose.All(followed => followed) ? 1 : 0,
            ["followed_strict"] = strict.Count(followed => followed),
            ["followed_loose"] = loose.Count(followed => followed),
            ["instructions"] = instructions.Length,
        };
        string[] broken = [.. instructions.Where((_, i) => !strict[i]).Select(one => one.Id)];
        return Task.FromResult(new SampleGrade(metrics, answer.Text, string.Join(", ", instructions.Select(one => one.Id)))
        {
            Reason = broken.Length > 0 ? $"not followed: {string.Join(", ", broken)}" : null,
        });
    }

    /// <inheritdoc/>
    internal override bool TakesExamples(bool chat) => false;

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files) =>
        JsonRows.All(data, Name, files).Select(row =>
        {
            foreach ((string id, _) in Instructions(row)) InstructionChecks.Find(id);
            return new EvalSample(row.GetProperty("key").ToString(), row.Text("prompt")) { Row = row, References = [""] };
        });

    private static IEnumerable<(string Id, JsonElement Arguments)> Instructions(JsonElement row) =>
        row.GetProperty("instruction_id_list").EnumerateArray()
            .Zip(row.GetProperty("kwargs").EnumerateArray(), (id, arguments) => (id.GetString()!, arguments));

    private static bool Follows((string Id, JsonElement Arguments) one, string text) =>
        text.Trim().Length > 0 && InstructionChecks.Find(one.Id)(text, new InstructionArguments(one.Id, one.Arguments));

    private static IEnumerable<string> Forms(string text)
    {
        string[] lines = text.Split('\n');
        string[] cut =
        [
            text,
            string.Join('\n', lines.Skip(1)).Trim(),
            string.Join('\n', lines.SkipLast(1)).Trim(),
            string.Join('\n', lines.Skip(1).SkipLast(1)).Trim(),
        ];
        return cut.SelectMany(form => new[] { form, form.Replace("*", "", StringComparison.Ordinal) });
    }
}
