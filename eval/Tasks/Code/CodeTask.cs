using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Tasks.Code;

/// <summary>
/// The model writes a Python function; tests say whether it is right. HumanEval (Chen et al. 2021) and MBPP (Austin et al. 2021).
/// </summary>
public sealed partial class CodeTask : EvalTask
{
    // The temperature of Chen et al. 2021 for many attempts.
    private const float DrawTemperature = 0.8f;

    private readonly bool _completes;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private CodeSandbox? _sandbox;
    private bool _draws;

    internal CodeTask(TaskDefinition definition)
        : base(definition) => _completes = definition.Reader switch
        {
            "function" => true,
            "tests" => false,
            _ => throw new FormatException($"There is no reader '{definition.Reader}' for code; known: function, tests."),
        };

    /// <summary>Limits of the programs.</summary>
    public CodeSandboxOptions Sandbox { get; init; } = new();

    /// <inheritdoc/>
    public override bool RunsCode => true;

    /// <inheritdoc/>
    public override string Settings => _draws ? DrawnSettings(DrawTemperature) : base.Settings;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } =
        [.. new[] { 1, 10, 100 }.Select(k => new TaskMetric($"pass@{k}", "passed", MetricKind.PassAtK, k))];

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(subject);
        GenerateRequest request = new(sample.Id, prompt)
        {
            Until = prompt.IsChat ? [] : Definition.Until,
            MaxTokens = Definition.MaxTokens,
            Temperature = _draws ? DrawTemperature : 0,
            Seed = Attempt.Parse(sample.Id).Attempt,
        };
        return new() { Texts = [(await subject.GenerateAsync(request, cancellationToken).ConfigureAwait(false)).Text] };
    }

    /// <inheritdoc/>
    /// <exception cref="UserInputException">There is no sandbox here.</exception>
    public override async Task<SampleGrade> GradeAsync(
        EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        CodeSandbox sandbox = await OpenAsync(cancellationToken).ConfigureAwait(false);
        CodeResult result = await sandbox.RunAsync(Program(sample.Row, answer.Text), cancellationToken).ConfigureAwait(false);
        return new(new Dictionary<string, double> { ["passed"] = result.Passed ? 1 : 0 }, answer.Text, "") { Reason = result.Passed
            ? null : result.Reason };
    }

    /// <inheritdoc/>
    public override EvalPrompt Render(EvalSample sample, IReadOnlyList<EvalSample> examples, bool chat)
    {
        ArgumentNullException.ThrowIfNull(sample);
        // A base model goes on where the function begins; a chat model is told what to do.
        return chat ? base.Render(sample, examples, chat)
            : EvalPrompt.Plain(_completes ? sample.Row.Text("prompt") : $"\"\"\"\n{sample.Question}\n\"\"\"\n");
    }

    /// <inheritdoc/>
    /// <remarks>One attempt is the model's best one. Several must come from one distribution, or their estimate would be biased.</remarks>
    internal override void Prepare(EvalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _draws = options.Attempts > 1;
    }

    /// <inheritdoc/>
    internal override bool TakesExamples(bool chat) => chat && !_completes;

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files) =>
        JsonRows.All(data, Name, files).Select(row =>
    {
        string id = row.GetProperty("task_id").ToString();
        if (_completes)
        {
            string beginning = row.Text("prompt");
            return new EvalSample(
                id, $"Complete this Python function. Answer with the whole function in one code block.\n\n```python\n{beginning}```") { Row = row, References = [""] };
        }

        // The sanitized file calls it prompt, the full one text.
        string wanted = row.TryGetProperty("prompt", out _) ? row.Text("prompt") : row.Text("text");
        return new EvalSample(id, $"{wanted} Your code should pass these tests:\n{string.Join('\n', row.Texts("test_list"))}") { Row = row,
            References = [row.Text("code")] };
    });

    private string Program(JsonElement row, string text)
    {
        string code = Fenced().Match(text) is { Success: true } fenced ? fenced.Groups[1].Value : text;
        if (!_completes)
        {
            string setup = row.TryGetProperty("test_setup_code", out JsonElement given) ? given.GetString() ?? "" : "";
            return string.Join('\n', (string[])[setup, .. row.Texts("test_imports"), code, .. row.Texts("test_list")]);
        }

        string prompt = row.Text("prompt"), function = row.Text("entry_point");
        // A whole function replaces the beginning of one; what stands before that, such as imports, is still needed.
        int begins = prompt.IndexOf($"def {function}(", StringComparison.Ordinal);
        bool whole = begins >= 0 && code.Contains($"def {function}(", StringComparison.Ordinal);
        return $"{(whole ? prompt[..begins] : prompt)}{code}\n{row.Text("test")}\ncheck({function})";
    }

    private async Task<CodeSandbox> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _sandbox ??= await CodeSandbox.OpenAsync(Sandbox, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    [GeneratedRegex(
        @"```(?:python|py)?[^\S\n]*\n(.*?)(?:```|\z)", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Fenced();
}
