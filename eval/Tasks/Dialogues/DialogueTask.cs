using System.Globalization;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks.Dialogues;

/// <summary>
/// Conversations with a customer in which the model has to follow a policy and change a shop's state through tools, after tau-bench (Yao et
/// al. 2024). The reward is 1 if the shop ends in the state that the right actions lead to and the replies hold what had to be said. The
/// customer's turns are written down beforehand, so that every model meets the same customer.
/// </summary>
public sealed class DialogueTask : EvalTask
{
    private const int MostCallsEachTurn = 8;
    private const float DrawTemperature = 0.7f;

    private bool _draws;

    internal DialogueTask(TaskDefinition definition)
        : base(definition)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } =
        [new("pass^1", "reward", MetricKind.PassHatK), new(
            "pass^2", "reward", MetricKind.PassHatK, 2), new("pass^4", "reward", MetricKind.PassHatK, 4)];

    /// <inheritdoc/>
    public override string Settings => _draws ? DrawnSettings(DrawTemperature) : base.Settings;

    /// <inheritdoc/>
    internal override bool NeedsChat => true;

    /// <inheritdoc/>
    internal override bool TakesExamples(bool chat) => false;

    /// <inheritdoc/>
    /// <remarks>One attempt is the model's best one. Several must come from one distribution, or their estimate would be biased.</remarks>
    internal override void Prepare(EvalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _draws = options.Attempts > 1;
    }

    /// <inheritdoc/>
    public override EvalPrompt Render(EvalSample sample, IReadOnlyList<EvalSample> examples, bool chat)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return EvalPrompt.Chat(
            new ChatMessage(ChatRole.System, sample.Row.Text("policy")), new ChatMessage(ChatRole.User, sample.Question));
    }

    /// <inheritdoc/>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(subject);
        var world = new ShopWorld(sample.Row.GetProperty("state"));
        List<ChatMessage> messages = [.. prompt.Messages];
        List<string> replies = [];
        List<ToolCall> calls = [];
        foreach (string turn in sample.Row.Texts("user").Skip(1).Append(""))
        {
            await ReplyAsync(sample, subject, world, messages, replies, calls, cancellationToken).ConfigureAwait(false);
            if (turn.Length > 0) messages.Add(new(ChatRole.User, turn));
        }

        bool right = world.IsSameAs(Replayed(sample));
        return new() { Texts = replies, Calls = calls, Facts = new Dictionary<string, double> { ["state"] = right ? 1 : 0 } };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        string said = Plain(string.Join('\n', answer.Texts));
        string? unsaid = sample.Row.Texts("outputs").FirstOrDefault(output => !said.Contains(Plain(output), StringComparison.Ordinal));
        bool state = answer.Facts["state"] == 1;
        string? reason = !state ? "the shop is not in the right state" : unsaid is null ? null : $"'{unsaid}' was not said";
        return Task.FromResult(new SampleGrade(
            new Dictionary<string, double> { ["reward"] = reason is null ? 1 : 0 }, SubjectCalls.Describe(
                answer.Calls), SubjectCalls.Describe(Actions(sample))) { Reason = reason });
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files) =>
        JsonRows.All(data, Name, files).Select(row =>
    {
        EvalSample sample = new(row.Text("id"), row.Texts("user")[0]) { Row = row, References = [""] };
        // A sample whose right actions cannot be carried out is a fault of the file.
        Replayed(sample);
        return sample;
    });

    private async Task ReplyAsync(
        EvalSample sample, IEvalSubject subject, ShopWorld world, List<ChatMessage> messages, List<string> replies, List<ToolCall> calls,
            CancellationToken cancellationToken)
    {
        for (int i = 0; i < MostCallsEachTurn; i++)
        {
            GenerateRequest request = new(sample.Id, EvalPrompt.Chat([.. messages]))
            {
                MaxTokens = Definition.MaxTokens,
                Tools = ShopWorld.Tools,
                Temperature = _draws ? DrawTemperature : 0,
                Seed = Attempt.Parse(sample.Id).Attempt,
            };
            SubjectReply reply = await subject.GenerateAsync(request, cancellationToken).ConfigureAwait(false);
            if (reply.Text.Length > 0) replies.Add(reply.Text);
            messages.Add(new(ChatRole.Assistant, [new TextContent(reply.Text), .. reply.Calls.Select(SubjectCalls.ToContent)]));
            if (reply.Calls.Count == 0) return;
            calls.AddRange(reply.Calls);
            foreach (ToolCall call in reply.Calls)
                messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.Id, Result(world, call))]));
        }
    }

    private static string Result(ShopWorld world, ToolCall call)
    {
        try
        {
            return world.Call(call);
        }
        catch (ToolException e)
        {
            return $"Error: {e.Message}";
        }
    }

    private static ShopWorld Replayed(EvalSample sample)
    {
        var world = new ShopWorld(sample.Row.GetProperty("state"));
        try
        {
            foreach (ToolCall action in Actions(sample)) world.Call(action);
        }
        catch (ToolException e)
        {
            throw new FormatException($"The right actions of {sample.Id} cannot be carried out: {e.Message}", e);
        }

        return world;
    }

    private static IEnumerable<ToolCall> Actions(EvalSample sample) => sample.Row.GetProperty("actions").EnumerateArray()
        .Select((action, i) => new ToolCall(i.ToString(CultureInfo.InvariantCulture), action.Text("name"), action.GetProperty("kwargs")));

    private static string Plain(string text) => Text.PythonText.Lower(text).Replace(",", "", StringComparison.Ordinal);
}
