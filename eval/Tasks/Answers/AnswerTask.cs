using AgentKit.Eval.Subjects;

namespace AgentKit.Eval.Tasks.Answers;

/// <summary>The model writes an answer, which is found in its text and held against right ones.</summary>
public sealed class AnswerTask : EvalTask
{
    private readonly AnswerReader _reader;

    internal AnswerTask(TaskDefinition definition)
        : base(definition) => _reader = AnswerReader.Find(definition.Reader);

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics => [.. _reader.Metrics.Select(name => new TaskMetric(name))];

    /// <inheritdoc/>
    internal override bool ExamplesByPart => _reader.ExamplesByPart;

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(subject);
        GenerateRequest request = new(sample.Id, prompt)
        {
            // An answer in a conversation ends by itself, and may well be laid out in paragraphs.
            Until = prompt.IsChat ? [] : Definition.Until,
            MaxTokens = Definition.MaxTokens,
        };
        return new() { Texts = [(await subject.GenerateAsync(request, cancellationToken).ConfigureAwait(false)).Text] };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        return Task.FromResult(_reader.Grade(sample, answer.Text));
    }

    /// <inheritdoc/>
    protected internal override string Target(EvalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return _reader.Target(sample);
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files) => _reader.Read(this, data, files);
}
