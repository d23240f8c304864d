using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;

namespace AgentKit.Testing;

/// <summary>Numbered samples that are right or fail as the test says.</summary>
public sealed class ScriptedTask(int samples, Func<int, double> grade, string metric = "acc") : EvalTask(new()
{
    Name = "scripted",
    Version = 1,
    Description = "",
    Kind = "scripted",
    Reader = "scripted",
    Files = [],
    Metric = metric,
    Changes = [],
})
{
    public override IReadOnlyList<TaskMetric> Metrics { get; } = [new(metric)];

    public Func<int, string?> Cluster { get; init; } = _ => null;

    public override async Task<SampleAnswer> AnswerAsync(EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default) =>
        new() { Texts = [(await subject.GenerateAsync(new(sample.Id, prompt), cancellationToken)).Text] };

    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default) =>
        Task.FromResult(new SampleGrade(new Dictionary<string, double> { [metric] = grade(int.Parse(sample.Id, null)) }, answer.Text, ""));

    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files) =>
        Enumerable.Range(0, samples).Select(i => new EvalSample(i.ToString(System.Globalization.CultureInfo.InvariantCulture), $"question {i}") { Cluster = Cluster(i), References = ["answer"] });
}
