using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

/// <summary>Whole runs on a tiny generated model that learns from a larger one.</summary>
public sealed class DistillRunTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly DistillRunOptions _options;

    public DistillRunTests()
    {
        _folder.Write("rows.jsonl", Rows(0, 12));
        _folder.Write("held.jsonl", Rows(12, 6));
        _options = new()
        {
            Model = TestModel.Create(_folder["model.gguf"]),
            Teacher = TestModel.Create(_folder["teacher.gguf"], new() { Layers = 3, Embedding = 128, FeedForward = 256 }),
            Data = _folder["rows.jsonl"],
            EvalData = _folder["held.jsonl"],
            Out = _folder["run"],
            Lora = new() { Rank = 8, Alpha = 16 },
            MaxSteps = 40,
            Epochs = 100,
            BatchSize = 4,
            PackTokens = 128,
            LearningRate = 0.01,
            CheckpointEvery = 4,
            Threads = 1,
        };
    }

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(DistillationDirection.Forward, 1, false)]
    [InlineData(DistillationDirection.Reverse, 1, false)]
    [InlineData(DistillationDirection.Forward, 2, true)]
    public void Run_AFewSteps_BringsHeldOutRowsNearerToTheTeacher(DistillationDirection direction, double temperature, bool text)
    {
        TrainingResult result = Run(_options with { Distillation = new() { Direction = direction, Temperature = temperature }, PlainText = text });
        IReadOnlyDictionary<string, double> metrics = result.Summary.Metrics;
        Assert.True(metrics["eval_kl_last"] < 0.7 * metrics["eval_kl_first"], string.Join(", ", metrics));
        Assert.Equal(metrics["kl_first"] * temperature * temperature, result.Summary.LossFirst, 1e-9);
        Assert.False(metrics.ContainsKey("nll_last"));
        Assert.Equal("distill", AdapterInfo.Read(result.Adapter).Objective);
    }

    [NativeFact]
    public void Run_TheModelAsItsOwnTeacher_HasOnlyTheRowsToLearn()
    {
        TrainingResult both = Run(_options with { Teacher = _options.Model, SftWeight = 0.25, MaxSteps = 1 });
        TrainingResult alone = Run(new SftOptions
        {
            Model = _options.Model, Data = _options.Data, Out = _folder["sft"], Lora = _options.Lora, MaxSteps = 1, BatchSize = 4, PackTokens = 128, Threads = 1,
        });
        // The teacher keeps keys and values in half precision.
        Assert.Equal(0, both.Summary.Metrics["kl_first"], 1e-4);
        Assert.True(both.Summary.Metrics["agreement_first"] > 0.9);
        Assert.Equal(alone.Summary.LossFirst, both.Summary.Metrics["nll_first"], 1e-6);
        Assert.Equal(0.25 * alone.Summary.LossFirst, both.Summary.LossFirst, 1e-4);
    }

    [NativeFact]
    public void Resume_AfterAStop_EndsWithTheSameWeightsWhereverTheTeacherLies()
    {
        DistillRunOptions options = _options with { MaxSteps = 10, SftWeight = 0.5 };
        TrainingResult whole = Run(options);
        using var stop = new CancellationTokenSource();
        DistillRunOptions other = options with { Out = _folder["resumed"] };
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(other, false, TimeProvider.System, progress: step => Stop(step, stop), stop: stop.Token));
        File.Copy(_options.Teacher, _folder["moved.gguf"]);
        TrainingResult resumed = TrainingRun.Run(other with { Teacher = _folder["moved.gguf"] }, true, TimeProvider.System);
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
        Assert.Contains("another configuration", Refused(other with { Teacher = _options.Model }, resume: true), StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_ATeacherThatReadsLess_IsRefused()
    {
        string teacher = TestModel.Create(_folder["short.gguf"], new() { ContextLength = 16 });
        Assert.Contains("reads 16 tokens at once and a row has", Refused(_options with { Teacher = teacher }), StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_AnotherVocabulary_IsRefusedWithTheToken()
    {
        string teacher = TestModel.Create(_folder["other.gguf"], new() { Vocabulary = 400 });
        Assert.Contains("has another vocabulary", Refused(_options with { Teacher = teacher }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,1,1", "a,b,c", "1,1,1", "3")]
    [InlineData("1,1,1", "a,b,c,d", "1,1,1,5", "3")]
    [InlineData("1,1,5", "a,b", "1,1", "2")]
    [InlineData("1,1,1", "a,x,c", "1,1,1", "token 1 is 'x' there and 'b'")]
    [InlineData("1,1,1", "a,b,c,d", "1,1,1,1", "token 3, 'd', is only in")]
    [InlineData("1,1,1", "a,b", "1,1", "token 2, 'c', is only in")]
    public void Vocabulary_OfATeacher_IsTheSameButForUnusedTokens(string ownTypes, string tokens, string types, string expected)
    {
        GgufFile student = Vocabulary("student.gguf", "a,b,c", ownTypes), teacher = Vocabulary("larger.gguf", tokens, types);
        if (int.TryParse(expected, out int common)) Assert.Equal(common, SharedVocabulary.Of(student, teacher));
        else Assert.Contains(expected, Assert.Throws<UserInputException>(() => SharedVocabulary.Of(student, teacher)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_OfText_PredictEveryTokenButTheFirstOnce()
    {
        TrainingSample[] windows = [.. TextSamples.Windows([1, 2, 3, 4, 5, 6, 7, 8], 4)];
        Assert.Equal([[1, 2, 3, 4], [4, 5, 6, 7], [7, 8]], windows.Select(window => window.Tokens));
        Assert.All(windows, window => Assert.Equal([0, .. Enumerable.Repeat(1.0, window.Tokens.Length - 1)], window.Weights));
        Assert.Empty(TextSamples.Windows([1], 4));
    }

    [NativeTheory]
    [InlineData("\"teacher\": \"model.gguf\", \"direction\": \"sideways\"", "one of forward, reverse is expected")]
    [InlineData("\"teacher\": \"model.gguf\", \"temperature\": 0", "temperature is 0; a number above 0")]
    [InlineData("\"teacher\": \"model.gguf\", \"sft_weight\": 1", "sft_weight is 1; a number from 0 up to below 1")]
    [InlineData("\"teacher\": \"model.gguf\", \"data_kind\": \"text\", \"long_rows\": \"cut\"", "long_rows is given; text is cut into windows")]
    [InlineData("\"temperature\": 2", "teacher is missing")]
    [InlineData("\"teacher\": \"nobody\"", "teacher: no model is named 'nobody'")]
    [InlineData("\"teacher\": \"rows.jsonl\"", "teacher: ")]
    public async Task Command_WrongConfig_NamesTheFieldAndWhatIsAllowed(string field, string expected)
    {
        CliRun run = await CliRun.OfAsync("train", "distill", "--config", Config(field));
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Command_Text_RunsAndPrintsTheDivergence()
    {
        string config = Config("\"teacher\": \"teacher.gguf\", \"data_kind\": \"text\", \"max_length\": 32, \"eval_data\": \"held.jsonl\"");
        CliRun run = await CliRun.OfAsync("train", "distill", "--config", config, "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        Assert.Contains("\"eval_kl_last\"", run.Out, StringComparison.Ordinal);
    }

    private static string Rows(int first, int count) => string.Join('\n', Enumerable.Range(first, count).Select(i =>
        $$"""{"instruction":"say {{i}} and {{i * 7}}","output":"{{(char)('a' + i)}} is {{i}}, {{(char)('b' + i)}} is {{i + 1}}","text":"{{(char)('a' + i)}} is {{i}}, {{i + 1}} and more"}"""));

    private string Config(string fields) =>
        _folder.Write("distill.json", $$"""{ "model": "model.gguf", "data": "rows.jsonl", "out": "cli", "max_steps": 1, "threads": 1, {{fields}} }""");

    private GgufFile Vocabulary(string name, string tokens, string types)
    {
        new GgufWriter().Set("tokenizer.ggml.tokens", GgufValue.Array(tokens.Split(',')))
            .Set("tokenizer.ggml.token_type", GgufValue.Array([.. types.Split(',').Select(int.Parse)])).Write(_folder[name]);
        return GgufFile.Open(_folder[name]);
    }

    private static string Refused(RunOptions options, bool resume = false) =>
        Assert.Throws<UserInputException>(() => TrainingRun.Run(options, resume, TimeProvider.System)).Message;

    private static void Stop(TrainingStep step, CancellationTokenSource stop)
    {
        if (step.Step == 6) stop.Cancel();
    }

    private static TrainingResult Run(RunOptions options) => TrainingRun.Run(options, false, TimeProvider.System);
}
