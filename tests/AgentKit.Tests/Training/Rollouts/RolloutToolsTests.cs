using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Tools.BuiltIn;
using AgentKit.Training.Data;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;
using AgentKit.Training.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Training.Rollouts;

/// <summary>Tools that are carried out while answers are written, and what is learned of such answers.</summary>
public sealed class RolloutToolsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly List<Answer> _answers = [];

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dialogue_TurnByTurn_IsTheTextThatTrainingHas(bool shipped)
    {
        using ModelVocabulary vocabulary = ModelVocabulary.Open(shipped ? ShippedModel.Path : TestModel.Create(_folder["model.gguf"]));
        SampleEncoder encoder = vocabulary.CreateEncoder();
        Conversation whole = Chat("Say the sum.", "I add.", "865", "It is 865.");
        TrainingSample expected = encoder.Encode(1, whole).Single();
        (string text, int[] tokens) = encoder.EncodePrompt(1, Part(whole, 1));
        var dialogue = new Dialogue(new(1, Part(whole, 1), default, text, tokens));
        int[][] turns = Turns(expected);
        dialogue.AddTurn(turns[0], "", whole.Messages[1].Contents, ended: true);
        EncodedResults results = encoder.EncodeResults(1, dialogue.With(whole.Messages[2]));
        dialogue.AddResults(whole.Messages[2], 0, results);
        dialogue.AddTurn(turns[1], "", whole.Messages[3].Contents, ended: true);
        Rollout rollout = dialogue.ToRollout();
        // Behind the last token that the model writes the template may end the line.
        Assert.Equal(expected.Tokens[..rollout.Sample.Tokens.Length], rollout.Sample.Tokens);
        Assert.Equal(expected.Weights[..rollout.Sample.Tokens.Length], rollout.Sample.Weights);
        Assert.Equal(expected.TrainedTokens, rollout.Answer.Tokens);
        Assert.StartsWith("\n", results.Added, StringComparison.Ordinal);
        Assert.EndsWith(results.Added, results.Text, StringComparison.Ordinal);
        Assert.Equal(("It is 865.", 1, 3), (rollout.Answer.Content, rollout.Answer.CarriedOut, rollout.Answer.Messages.Count));
    }

    [Fact]
    public void JudgedRollout_WithResults_CountsAndLearnsOnlyWhatTheModelWrote()
    {
        TrainingSample sample = new(3, [1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 1, 1, 0, 0, 1, 1]);
        IReadOnlyList<TokenSpan>? results = JudgedRollout.ResultsOf(sample, promptTokens: 2);
        Assert.Equal([new TokenSpan(4, 2)], results!);
        JudgedRollout rollout = new(3, sample.Tokens, 2, "", true, 1, new Dictionary<string, double>(), 0) { Results = results };
        Assert.Equal(4, rollout.AnswerTokens);
        Assert.Equal(sample.Weights, rollout.ToSample().Weights);
        Assert.Null(JudgedRollout.ResultsOf(sample with { Weights = [0, 0, 1, 1, 1, 1, 1, 1] }, promptTokens: 2));
        string file = _folder["round.json"];
        RoundFile.Write(file, new(1, 1, [rollout]));
        Assert.Equal(sample.Weights, RoundFile.Read(file).Rollouts[0].ToSample().Weights);
    }

    [Fact]
    public async Task Results_OfGoodAndBadCalls_AreWhatAnAgentsModelReads()
    {
        RolloutTools tools = new([
            Calculator,
            Stub("quiet", null),
            AIFunctionFactory.Create(string () => throw new ToolException("not today"), "moody"),
            AIFunctionFactory.Create(string () => throw new InvalidOperationException("secret path"), "broken"),
            Stub("wide", new ToolOutput("short", JsonElement.Parse("[1]"))),
        ]);
        FunctionCallContent[] calls =
        [
            Call("calculator", new() { ["expression"] = "347 + 518" }), Call("calculator", new() { ["term"] = "1" }), Call("quiet"), Call("moody"), Call("broken"), Call("wide"),
        ];
        Assert.True(tools.Know(calls));
        Assert.False(tools.Know([Call("quiet"), Call("delete_everything")]));
        (ChatMessage message, int failures) = await tools.AnswerAsync(calls, CancellationToken.None);
        string[] results = [.. message.Contents.Cast<FunctionResultContent>().Select(result => $"{result.Result}")];
        Assert.Equal(1, failures);
        Assert.Equal("865", results[0]);
        Assert.StartsWith("Error: Wrong arguments for 'calculator': missing required argument 'expression'", results[1], StringComparison.Ordinal);
        Assert.Equal(["Done.", "Error: not today", "Error: The tool 'broken' failed.", "short"], results[2..]);
    }

    [Fact]
    public void Offered_BesideARowsOwn_ItsOwnWinsByName()
    {
        AITool own = AIFunctionFactory.CreateDeclaration("calculator", "Mine.", JsonElement.Parse("{}"));
        Assert.Equal([own], new RolloutTools([Calculator]).OfferedBeside([own]));
        Assert.Equal(["clock", "calculator"], new RolloutTools([Calculator]).OfferedBeside([AIFunctionFactory.Create(() => 1, "clock")]).Select(tool => tool.Name));
    }

    [NativeFact]
    public void Run_TheShippedModelWithItsCalculator_AnswersFromTheResultAndLearnsItsOwnWordsOnly()
    {
        GrpoRunOptions options = Options("""{"prompt":"What is 347 plus 518?","reward":{"number":865}}""") with { Tools = [Calculator, .. Others()] };
        TrainingResult result = TrainingRun.Run(options, false, TimeProvider.System);
        Assert.Equal(1, result.Summary.Metrics["eval_reward_number_first"]);
        Assert.Equal(1, result.Summary.Metrics["eval_tool_steps_first"]);
        Answer answer = _answers[0];
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], answer.Messages.Select(message => message.Role));
        Assert.Equal(("calculator", 1, true), (Assert.Single(answer.Calls).Name, answer.CarriedOut, answer.Ended));
        Assert.Contains("865", answer.Content, StringComparison.Ordinal);
        Assert.Contains("<tool_response>", answer.Text, StringComparison.Ordinal);
        RolloutRound round = RoundFile.Read(Path.Combine(options.Out, "rollouts-00000000.json"));
        Assert.All(round.Rollouts, rollout => Assert.Equal(rollout.AnswerTokens, rollout.ToSample().TrainedTokens));
        Assert.Contains(round.Rollouts, rollout => rollout.Results is { Count: > 0 });
    }

    [NativeFact]
    public void Run_WithoutTools_ACallEndsTheAnswer()
    {
        string row = """{"prompt":"What is 347 plus 518?","tools":[{"name":"calculator","description":"Evaluate an arithmetic expression.","parameters":{"type":"object","properties":{"expression":{"type":"string"}},"required":["expression"]}}],"reward":{"number":865}}""";
        TrainingResult result = TrainingRun.Run(Options(row), false, TimeProvider.System);
        Assert.Equal(0, result.Summary.Metrics["eval_reward_number_first"]);
        Assert.False(result.Summary.Metrics.ContainsKey("eval_tool_steps_first"));
        Assert.Equal((1, 0), (_answers[0].Calls.Count, _answers[0].CarriedOut));
    }

    [NativeTheory]
    [InlineData(1)]
    [InlineData(4)]
    public void Run_OneCallAfterAnother_EndsAtTheLimitOfSteps(int limit)
    {
        AIFunction[] tools =
        [
            Stub("search_files", "plan.md", "Find files that contain a text.", "query"), Stub("read_file", "The budget is 40.", "Read a text file.", "path"), Calculator,
        ];
        GrpoRunOptions options = Options("""{"prompt":"Which files mention budget? Read the first one.","reward":{"exact":"plan.md says: The budget is 40."}}""");
        TrainingRun.Run(options with { Tools = tools, MaxToolSteps = limit }, false, TimeProvider.System);
        Answer answer = _answers[0];
        Assert.Equal(["search_files", "read_file"], answer.Calls.Select(call => call.Name));
        Assert.Equal(Math.Min(limit, 2), answer.CarriedOut);
        Assert.Equal(limit > 1, answer.Content.Length > 0);
    }

    [NativeTheory]
    [InlineData("\"tools\": [\"shell\"]", "one of calculator, clock is expected")]
    [InlineData("\"max_tool_steps\": 2", "max_tool_steps is given alone; tools names those that are carried out")]
    [InlineData("\"tools\": [\"calculator\"], \"max_tool_steps\": 0", "max_tool_steps is 0; a whole number of 1 or more")]
    public async Task Command_WrongTools_NamesTheFieldAndWhatIsAllowed(string field, string expected)
    {
        _folder.Write("prompts.jsonl", """{"prompt":"a","reward":{"number":1}}""");
        TestModel.Create(_folder["model.gguf"]);
        string config = _folder.Write("run.json", $$"""{ "model": "model.gguf", "data": "prompts.jsonl", "out": "cli", {{field}} }""");
        CliRun run = await CliRun.OfAsync("train", "grpo", "--config", config);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static AIFunction Calculator => BuiltInTools.Create(new()).First(tool => tool.Name == "calculator");

    private static IEnumerable<AIFunction> Others() => BuiltInTools.Create(new()).Where(tool => tool.Name != "calculator");

    private static FunctionCallContent Call(string name, Dictionary<string, object?>? arguments = null) => new($"call_{name}", name, arguments);

    /// <summary>A built-in tool's declaration with a fixed result.</summary>
    private static AIFunction Stub(string name, object? result, string description = "", string? parameter = null) => new StubTool(name, description, JsonElement.Parse(
        parameter is null ? "{}" : $$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string"}},"required":["{{{parameter}}}"]}"""), result);

    private GrpoRunOptions Options(string row)
    {
        string data = _folder.Write("prompts.jsonl", row);
        return new()
        {
            Model = ShippedModel.Path, Data = data, EvalData = data, Out = _folder["run"], Lora = new() { Rank = 4 }, MaxSteps = 1, BatchSize = 1, Generations = 4, Parallel = 4,
            MaxNewTokens = 96, Threads = 1, MoreRewards = [new Witness(_answers)],
        };
    }

    /// <summary>The runs of tokens that count.</summary>
    private static int[][] Turns(TrainingSample sample)
    {
        List<List<int>> turns = [];
        for (int t = 1; t < sample.Tokens.Length; t++)
        {
            if (sample.Weights[t] == 0) continue;
            if (sample.Weights[t - 1] == 0) turns.Add([]);
            turns[^1].Add(sample.Tokens[t]);
        }

        return [.. turns.Select(turn => turn.ToArray())];
    }

    private static Conversation Part(Conversation whole, int messages) => new([.. whole.Messages.Take(messages)], new double[messages], whole.Tools);

    private static Conversation Chat(string question, string before, string result, string answer) => new(
        [
            new(ChatRole.User, question),
            new(ChatRole.Assistant, [new TextContent(before), Call("calculator", new() { ["expression"] = "347 + 518" })]),
            new(ChatRole.Tool, [new FunctionResultContent("call_calculator", result)]),
            new(ChatRole.Assistant, answer),
        ],
        [0, 1, 0, 1],
        [Calculator]);

    private sealed class StubTool(string name, string description, JsonElement schema, object? result) : AIFunction
    {
        public override string Name => name;

        public override string Description => description;

        public override JsonElement JsonSchema => schema;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(result);
    }

    /// <summary>Keeps what it is given to judge.</summary>
    private sealed class Witness(List<Answer> answers) : Reward
    {
        public override string Name => "witness";

        public override string? Field => null;

        public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
        {
            answers.Add(answer);
            return new(0);
        }
    }
}
