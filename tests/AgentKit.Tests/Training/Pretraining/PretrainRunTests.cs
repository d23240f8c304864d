using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Training.Engine;
using AgentKit.Training.Pretraining;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Pretraining;

/// <summary>Models from nothing but text: they learn it, a stopped run ends like one that was not, and llama.cpp reads the result.</summary>
public sealed class PretrainRunTests : IDisposable
{
    private static readonly ModelSizes Tiny = new() { Layers = 2, Embedding = 32, Heads = 2, KvHeads = 1, FeedForward = 64, Context = 32 };

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("llama", true)]
    [InlineData("qwen3", false)]
    public void Train_RegularText_LearnsItAndWritesTheModel(string architecture, bool tied)
    {
        PretrainOptions options = Options("run") with { Shape = Tiny with { Architecture = architecture, TiedEmbeddings = tied } };
        PretrainResult result = Train(options);
        Assert.True(result.Summary.EvalLossLast < 0.6 * result.Summary.EvalLossFirst, $"{result.Summary.EvalLossFirst} -> {result.Summary.EvalLossLast}");
        GgufFile file = GgufFile.Open(result.Model);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.Elements), result.Parameters);
        Assert.Equal(options.Shape.Parameters(result.Vocabulary), result.Parameters);
        using TrainingEngine engine = TrainingEngine.OpenFull(result.Model, new() { Threads = 1 });
        Assert.Equal(0, EngineCheck.Verify(engine));
    }

    [NativeFact]
    public void Train_StoppedAndResumed_EndsWithTheSameModel()
    {
        PretrainResult whole = Train(Options("whole"));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train(Options("parts"), progress: step => Stop(step, stop), stop: stop.Token));
        PretrainResult resumed = Train(Options("parts"), resume: true);
        Assert.Equal(whole.Summary, resumed.Summary with { Metrics = whole.Summary.Metrics });
        Assert.Equal(Tensors(whole.Model), Tensors(resumed.Model));

        static void Stop(TrainingStep step, CancellationTokenSource stop)
        {
            if (step.Step == 7) stop.Cancel();
        }
    }

    [NativeFact]
    public void Open_TokensOfAnotherModel_AreUsed()
    {
        PretrainResult first = Train(Options("first") with { MaxSteps = 1 });
        PretrainResult second = Train(Options("second") with { MaxSteps = 1, Tokenizer = first.Model });
        Assert.Equal(first.Vocabulary, second.Vocabulary);
    }

    [NativeFact]
    public void Open_OtherSettings_AreNotResumed()
    {
        Train(Options("run") with { MaxSteps = 2 });
        var refused = Assert.Throws<UserInputException>(() => Train(Options("run") with { MaxSteps = 2, LearningRate = 1e-4 }, resume: true));
        Assert.Contains("another configuration", refused.Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Open_AnotherRateOrShape_MakesOnlyWhatDependsOnIt()
    {
        List<string> made = [];
        void Open(PretrainOptions options) => PretrainRun.Open(options, resume: false, (what, _, _) => made.Add(what)).Dispose();
        Open(Options("run"));
        Assert.Contains("counting words", made);
        made.Clear();
        byte[] model = File.ReadAllBytes(_folder["run/initial.gguf"]);
        Open(Options("run") with { LearningRate = 1e-4 });
        Assert.Empty(made);
        Assert.Equal(model, File.ReadAllBytes(_folder["run/initial.gguf"]));
        Open(Options("run") with { Shape = Tiny with { Layers = 3 } });
        Assert.Empty(made);
        Assert.NotEqual(model, File.ReadAllBytes(_folder["run/initial.gguf"]));
        Open(Options("run") with { Vocabulary = 280 });
        Assert.Contains("counting words", made);
    }

    [NativeFact]
    public void Resume_WithOtherSettings_LeavesWhatTheRunBeganWith()
    {
        Train(Options("run") with { MaxSteps = 2 });
        byte[] model = File.ReadAllBytes(_folder["run/initial.gguf"]);
        Assert.Throws<UserInputException>(() => Train(Options("run") with { MaxSteps = 2, Seed = 5 }, resume: true));
        Assert.Equal(model, File.ReadAllBytes(_folder["run/initial.gguf"]));
    }

    [NativeFact]
    public void Open_TooLittleText_SaysHowMuchThereIs()
    {
        File.WriteAllText(_folder["short.txt"], "one two three");
        var refused = Assert.Throws<UserInputException>(() => Train(Options("run") with { Data = [_folder["short.txt"]] }));
        Assert.Contains("tokens; 2 windows of context 32 or more are needed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_HeadsThatDoNotFit_AreRefused()
    {
        PretrainOptions options = Options("run") with { Shape = Tiny with { Heads = 3, KvHeads = 1 } };
        var refused = Assert.Throws<UserInputException>(() => PretrainRun.Open(options, resume: false, (what, _, _) => Assert.Fail($"{what} before the sizes were looked at")));
        Assert.Contains("cannot be shared among 3 heads", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.05, 0)]
    public void Open_EarlyStopWithNothingToMeasure_IsRefused(double evalShare, int evalEvery)
    {
        var refused = Assert.Throws<UserInputException>(() => Train(Options("run") with { EvalShare = evalShare, EvalEvery = evalEvery, EarlyStop = new() }));
        Assert.Equal("early_stop_patience", refused.Field);
    }

    [Fact]
    public void Open_EarlyStopOnWhatIsNotMeasured_IsRefused()
    {
        PretrainOptions options = Options("run") with { EvalEvery = 1, EarlyStop = new() { Metric = "accuracy" } };
        Assert.Equal("early_stop_metric", Assert.Throws<UserInputException>(() => Train(options)).Field);
    }

    [NativeFact]
    public async Task Command_ThatStopsEarly_SaysWhichStepWasBest()
    {
        Options("run");
        string config = _folder.Write("pretrain.json", """
            { "data": "text.txt", "out": "cli", "layers": 1, "embedding": 32, "heads": 1, "feed_forward": 32, "context": 32, "vocabulary": 300, "batch_size": 8, "epochs": 20,
              "learning_rate": 3, "warmup_steps": 0, "max_steps": 30, "eval_every": 1, "early_stop_patience": 2, "threads": 1 }
            """);
        CliRun run = await CliRun.OfAsync("train", "pretrain", "--config", config, "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        JsonElement result = JsonDocument.Parse(run.Out).RootElement;
        Assert.True(result.GetProperty("stopped_early").GetBoolean());
        Assert.Equal(result.GetProperty("steps").GetInt32() - 2, result.GetProperty("best_step").GetInt32());
        Assert.True(result.GetProperty("metrics").GetProperty("best_eval").GetDouble() > 0);
    }

    [NativeFact]
    public void FindLearningRate_LeavesTheWeightsAndSuggestsBelowTheLowest()
    {
        using PretrainRun run = PretrainRun.Open(Options("run"), resume: false);
        byte[] before = File.ReadAllBytes(_folder["run/initial.gguf"]);
        var test = run.FindLearningRate();
        Assert.True(test.Diverged);
        Assert.Equal(test.Lowest / 10, test.Suggested, 1e-12);
        Assert.InRange(test.Suggested, 1e-5, 0.1);
        double loss = run.Train(TimeProvider.System).Summary.LossFirst;
        Assert.Equal(test.Points[0].Loss, loss, 1e-9);
        Assert.Equal(before, File.ReadAllBytes(_folder["run/initial.gguf"]));
    }

    private static PretrainResult Train(PretrainOptions options, bool resume = false, Action<TrainingStep>? progress = null, CancellationToken stop = default)
    {
        using PretrainRun run = PretrainRun.Open(options, resume);
        return run.Train(TimeProvider.System, progress, stop);
    }

    private PretrainOptions Options(string run)
    {
        if (!File.Exists(_folder["text.txt"]))
            File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 400).Select(i => $"{i % 10} plus {i % 7} is {(i % 10) + (i % 7)}.\n")));
        return new()
        {
            Data = [_folder["text.txt"]],
            Out = _folder[run],
            Shape = Tiny,
            Vocabulary = 300,
            MaxSteps = 30,
            Epochs = 20,
            BatchSize = 8,
            LearningRate = 1e-2,
            CheckpointEvery = 5,
            Threads = 1,
        };
    }

    private static float[] Tensors(string path)
    {
        GgufFile file = GgufFile.Open(path);
        return [.. file.Tensors.SelectMany(tensor => file.ReadFloats(tensor))];
    }
}
