using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

/// <summary>Whole runs from pairs and verdicts on a tiny generated model.</summary>
public sealed class PreferenceRunTests : IDisposable
{
    private const int Steps = 12;

    private readonly ScratchFolder _folder = new();
    private readonly string _model;
    private readonly string _pairs;

    public PreferenceRunTests()
    {
        _model = TestModel.Create(_folder["model.gguf"]);
        _pairs = _folder.Write("pairs.jsonl", Lines(i => $$"""{"prompt":"say {{i}}","chosen":"{{Letter(i)}}{{Letter(i)}}","rejected":"{{Letter(i + 9)}}{{Letter(i + 9)}}"}"""));
    }

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(PreferenceObjectiveKind.Dpo, DpoVariant.Sigmoid)]
    [InlineData(PreferenceObjectiveKind.Dpo, DpoVariant.Ipo)]
    [InlineData(PreferenceObjectiveKind.Dpo, DpoVariant.Hinge)]
    [InlineData(PreferenceObjectiveKind.SimPo, DpoVariant.Sigmoid)]
    [InlineData(PreferenceObjectiveKind.Orpo, DpoVariant.Sigmoid)]
    public void Pairs_AFewSteps_MakeTheChosenAnswersLikelier(PreferenceObjectiveKind kind, DpoVariant variant)
    {
        TrainingResult result = Run(Pairs() with { Objective = kind, Dpo = new() { Variant = variant, Beta = 0.5 }, MaxSteps = 30 });
        Assert.True(result.Summary.LossLast < result.Summary.LossFirst, $"{result.Summary}");
        Assert.True(result.Summary.Metrics["eval_accuracy_last"] >= 0.9, string.Join(", ", result.Summary.Metrics));
        Assert.True(result.Summary.Metrics["eval_margin_last"] > result.Summary.Metrics["eval_margin_first"]);
        Assert.Equal(kind.ToString().ToLowerInvariant(), AdapterInfo.Read(result.Adapter).Objective);
    }

    [NativeFact]
    public void Dpo_BeforeTheFirstStep_IsTheReference()
    {
        TrainingResult result = Run(Pairs() with { MaxSteps = 1 });
        // A new adapter changes nothing: every margin is 0 and the loss ln 2.
        Assert.Equal(Math.Log(2), result.Summary.LossFirst, 1e-6);
        Assert.Equal(0, result.Summary.Metrics["eval_margin_first"], 1e-6);
    }

    [NativeFact]
    public void Kto_AFewSteps_PartsGoodFromBad()
    {
        string data = _folder.Write("kto.jsonl", Lines(i => $$"""{"prompt":"say {{i}}","completion":"{{Letter(i)}}{{Letter(i)}}","label":{{(i % 2 == 0 ? "true" : "false")}}}"""));
        TrainingResult result = Run(With(new KtoRunOptions { Model = _model, Data = data, EvalData = data, Out = _folder["kto"], Kto = new() { Beta = 0.5 }, MaxSteps = 30 }));
        Assert.True(result.Summary.LossLast < result.Summary.LossFirst, $"{result.Summary}");
        Assert.True(
            result.Summary.Metrics["eval_reward_desirable_last"] > result.Summary.Metrics["eval_reward_undesirable_last"] + 0.5, string.Join(", ", result.Summary.Metrics));
        Assert.True(result.Summary.Metrics["kl_last"] >= 0);
    }

    [NativeTheory]
    [InlineData(1, "one usable row; two prompts or more are needed")]
    [InlineData(3, "rows of one prompt only; two prompts or more are needed")]
    public void Kto_OnePrompt_IsRefused(int rows, string expected)
    {
        string data = _folder.Write("kto.jsonl", string.Join('\n', Enumerable.Range(0, rows).Select(i => $$"""{"prompt":"a","completion":"b{{i}}","label":true}""")));
        KtoRunOptions options = new() { Model = _model, Data = data, Out = _folder["kto"] };
        Assert.Contains(expected, Assert.Throws<UserInputException>(() => Run(options)).Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Kto_GoodAndBadSideBySide_AreNotTakenForMismatched()
    {
        // Each prompt with its good and its bad answer, as files made from pairs have it: the divergence is that of other prompts' answers.
        using TrainingEngine engine = TrainingEngine.Open(_model, new() { Rank = 4 }, options: new() { Threads = 1 });
        TrainingSample Row(int prompt, int answer) => new(prompt, [prompt, prompt, answer, answer], [0, 0, 1, 1]);
        TrainingSample[] rows = [Row(11, 31), Row(11, 32), Row(12, 33), Row(12, 34)];
        var random = new Random(2);
        engine.Parameters.Replace([.. engine.Parameters.Values.Select(_ => random.NextSingle() - 0.5f)]);
        var references = new ReferenceLogProbabilities(engine);
        var batch = new KtoBatch(engine, references, new(), packTokens: 64, reachable: 64);
        batch.Pair([.. rows.Select(row => (IReadOnlyList<TrainingSample>)[row])]);
        double Ratio(TrainingSample sample) => engine.LogProbabilities(new([sample])).Sum() - engine.LogProbabilities(new([sample]), withAdapter: false).Sum();
        TrainingSample[] mismatched = [Row(11, 33), Row(11, 33), Row(12, 31), Row(12, 31)];
        Pack[] packs = [new(rows)];
        BatchLoss loss = batch.Begin(packs, default);
        loss.OfPack(packs[0], engine.LogProbabilities(packs[0]));
        Assert.Equal(Math.Max(0, mismatched.Average(Ratio)), loss.Measured!()["kl"], 1e-6);
        Assert.True(mismatched.Average(Ratio) > 0.001, "another seed is needed");
    }

    [NativeFact]
    public void Reward_AFewSteps_ScoresAsTheChoicesDo()
    {
        TrainingResult result = Run(With(new RewardRunOptions { Model = _model, Data = _pairs, EvalData = _pairs, Out = _folder["reward"], MaxSteps = 30 }));
        Assert.True(result.Summary.Metrics["eval_accuracy_last"] >= 0.9, string.Join(", ", result.Summary.Metrics));
        Assert.True(AdapterInfo.Read(result.Adapter).HasScoreHead);
        // llama.cpp must not stumble over the head.
        Assert.NotEmpty(LlamaReference.Logits(_model, [1, 2, 3], 1, result.Adapter));
    }

    [NativeTheory]
    [InlineData("dpo")]
    [InlineData("reward")]
    public void Resume_AfterAStop_EndsWithTheSameWeights(string kind)
    {
        RunOptions options = kind == "dpo"
            ? Pairs() with { Optimizer = new() { EightBit = true }, AverageDecay = 0.5 }
            : With(new RewardRunOptions { Model = _model, Data = _pairs, EvalData = _pairs, Out = _folder["whole"] });
        TrainingResult whole = Run(options with { Out = _folder["whole"] });
        using var stop = new CancellationTokenSource();
        RunOptions other = options with { Out = _folder["resumed"] };
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(other, false, TimeProvider.System, progress: step => Stop(step, stop), stop: stop.Token));
        TrainingResult resumed = TrainingRun.Run(other, true, TimeProvider.System);
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
    }

    [NativeFact]
    public void Adapter_ToGoOnFrom_KeepsWhatWasLearned()
    {
        TrainingResult first = Run(Pairs() with { MaxSteps = 30 });
        TrainingResult second = Run(Pairs() with { Adapter = first.Adapter, Out = _folder["second"], MaxSteps = 1, LearningRate = 1e-9 });
        Assert.Equal(first.Summary.EvalLossLast!.Value, second.Summary.EvalLossFirst!.Value, 1e-6);
        Assert.Equal(GgufTensors.Of(first.Adapter).SelectMany(values => values), GgufTensors.Of(second.Adapter).SelectMany(values => values), (x, y) => Math.Abs(x - y) < 1e-6);
        string other = TestModel.Create(_folder["other.gguf"], seed: 2);
        string message = Assert.Throws<UserInputException>(() => Run(Pairs() with { Model = other, Adapter = first.Adapter, Out = _folder["third"] })).Message;
        Assert.Contains("does not belong to", message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void EarlyStop_NothingBecomesBetter_EndsWithTheBestWeights()
    {
        // With such a rate everything becomes worse at once.
        PreferenceRunOptions options = Pairs() with
        {
            Objective = PreferenceObjectiveKind.Orpo, LearningRate = 3, EvalEvery = 1, EarlyStop = new() { Patience = 2 }, MaxSteps = 20, WarmupSteps = 0,
        };
        TrainingResult result = Run(options);
        Assert.True(result.Summary.StoppedEarly);
        Assert.True(result.Summary.Steps < 20);
        Assert.Equal(result.Summary.Steps - 2, result.Summary.BestStep);
        TrainingResult again = Run(options with { Adapter = result.Adapter, Out = _folder["again"], MaxSteps = 1, EarlyStop = null });
        Assert.Equal(result.Summary.BestEval!.Value, again.Summary.EvalLossFirst!.Value, 1e-6);
        Assert.Contains("measured here: loss, ", Assert.Throws<UserInputException>(
            () => Run(options with { Out = _folder["named"], EarlyStop = new() { Metric = "beauty" } })).Message, StringComparison.Ordinal);
    }

    [NativeTheory]
    [InlineData("dpo", "\"gamma\": 1", "gamma is given; dpo knows beta, variant, label_smoothing")]
    [InlineData("dpo", "\"objective\": \"simpo\", \"gamma\": -1", "gamma is -1; a number of 0 or more")]
    [InlineData("dpo", "\"objective\": \"ppo\"", "one of dpo, simpo, orpo")]
    [InlineData("dpo", "\"variant\": \"ipo\", \"label_smoothing\": 0.1", "only 0 is allowed with this variant")]
    [InlineData("dpo", "\"early_stop_patience\": 2", "it needs eval_data and eval_every")]
    [InlineData("dpo", "\"adapter\": \"none.gguf\"", "adapter is ")]
    [InlineData("dpo", "\"adapter\": \".\"", "adapter is ")]
    [InlineData("dpo", "\"adapter\": \"pairs.jsonl\"", "adapter: pairs.jsonl: ")]
    [InlineData("dpo", "\"average_decay\": 1", "above 0 and below 1")]
    [InlineData("kto", "\"beta\": 0", "beta is 0; a number above 0")]
    [InlineData("reward", "\"prompt_weight\": 1", "prompt_weight is not a known field")]
    public async Task Command_WrongConfig_NamesTheFieldAndWhatIsAllowed(string command, string field, string expected)
    {
        string config = _folder.Write("run.json", $$"""{ "model": "model.gguf", "data": "pairs.jsonl", "out": "cli", {{field}} }""");
        CliRun run = await CliRun.OfAsync("train", command, "--config", config);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Dpo_Command_PrintsMetrics()
    {
        string config = _folder.Write("run.json", """
            { "model": "model.gguf", "data": "pairs.jsonl", "out": "cli", "max_steps": 2, "threads": 1, "objective": "simpo", "optimizer": "adamw8" }
            """);
        CliRun run = await CliRun.OfAsync("train", "dpo", "--config", config, "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        Assert.Contains("\"accuracy_last\"", run.Out, StringComparison.Ordinal);
    }

    private PreferenceRunOptions Pairs() => With(new PreferenceRunOptions { Model = _model, Data = _pairs, EvalData = _pairs, Out = _folder["pairs"] });

    private static T With<T>(T options)
        where T : RunOptions => (T)(options with
        {
            Lora = new() { Rank = 4, Alpha = 8 },
            MaxSteps = options.MaxSteps ?? Steps,
            Epochs = 20,
            BatchSize = 4,
            PackTokens = 128,
            LearningRate = 0.01,
            CheckpointEvery = 3,
            Threads = 1,
        });

    private static void Stop(TrainingStep step, CancellationTokenSource stop)
    {
        if (step.Step == 5) stop.Cancel();
    }

    private static TrainingResult Run(RunOptions options) => TrainingRun.Run(options, false, TimeProvider.System);

    private static string Lines(Func<int, string> row) => string.Join('\n', Enumerable.Range(0, 8).Select(row));

    private static char Letter(int i) => (char)('a' + i);
}
