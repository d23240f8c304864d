using System.Text.Json;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks.Functions;

/// <summary>
/// The model calls functions; the calls are compared, not run. Berkeley Function Calling Leaderboard: one call, one of several functions,
/// several calls, no call where no function fits.
/// </summary>
public sealed class FunctionTask : EvalTask
{
    private const string FilePrefix = "BFCL_v4_";

    internal FunctionTask(TaskDefinition definition)
        : base(definition)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } = [new("acc")];

    /// <inheritdoc/>
    internal override bool NeedsChat => true;

    /// <inheritdoc/>
    internal override bool TakesExamples(bool chat) => false;

    /// <inheritdoc/>
    public override EvalPrompt Render(EvalSample sample, IReadOnlyList<EvalSample> examples, bool chat)
    {
        ArgumentNullException.ThrowIfNull(sample);
        IEnumerable<JsonElement> messages = sample.Row.GetProperty("question")[0].EnumerateArray();
        return EvalPrompt.Chat(
            [.. messages.Select(message => new ChatMessage(new ChatRole(message.Text("role")), message.Text("content")))]);
    }

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(subject);
        GenerateRequest request = new(
            sample.Id, prompt) { MaxTokens = Definition.MaxTokens, Tools = [.. Functions(sample).Select(FunctionSchema.ToTool)] };
        SubjectReply reply = await subject.GenerateAsync(request, cancellationToken).ConfigureAwait(false);
        // Models without a syntax for calls write them as Python; the leaderboard takes those too.
        IReadOnlyList<ToolCall> calls = reply.Calls.Count > 0 ? reply.Calls : PythonCalls.Read(reply.Text);
        return new() { Texts = [reply.Text], Calls = calls };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        string? wrong = Mismatch(sample, answer.Calls);
        string written = answer.Calls.Count > 0 ? SubjectCalls.Describe(answer.Calls) : answer.Text;
        return Task.FromResult(new SampleGrade(
            new Dictionary<string, double> { ["acc"] = wrong is null ? 1 : 0 }, written, sample.References[0]) { Reason = wrong });
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files)
    {
        foreach ((string Name, string Text) file in files.SelectMany(pattern => data.Read(Name, pattern)))
        {
            string part = Path.GetFileNameWithoutExtension(file.Name)[FilePrefix.Length..];
            bool needless = part.Contains(
                "irrelevance", StringComparison.Ordinal), anyCall = part.EndsWith("_relevance", StringComparison.Ordinal);
            Dictionary<string, JsonElement> answers = needless || anyCall
                ? []
                : data.Read(Name, $"bfcl/possible_answer/{Path.GetFileName(file.Name)}").SelectMany(JsonRows.Read)
                    .ToDictionary(row => row.Text("id"), row => row.GetProperty("ground_truth"));
            foreach (JsonElement row in JsonRows.Read(file))
            {
                string id = row.Text("id");
                string expected = needless ? "no call"
                    : anyCall ? "any call"
                    : answers.TryGetValue(id, out JsonElement answer) ? answer.GetRawText()
                    : throw new FormatException($"There is no possible answer for {id}.");
                yield return new(
                    id, row.GetProperty("question")[0][0].Text("content")) { Group = part, Row = row, References = [expected] };
            }
        }
    }

    internal static IEnumerable<JsonElement> Functions(EvalSample sample)
    {
        JsonElement functions = sample.Row.GetProperty("function");
        return functions.ValueKind == JsonValueKind.Array ? functions.EnumerateArray() : [functions];
    }

    internal static string? Mismatch(EvalSample sample, IReadOnlyList<ToolCall> calls)
    {
        string expected = sample.References[0];
        if (expected == "no call") return calls.Count == 0 ? null : $"{calls.Count} calls where none fits";
        if (expected == "any call") return calls.Count > 0 ? null : "no call";
        using JsonDocument document = JsonDocument.Parse(expected);
        return CallMatcher.Mismatch(calls, [.. document.RootElement.EnumerateArray()], [.. Functions(sample)]);
    }
}
