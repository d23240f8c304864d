using System.Text.Json;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

/// <summary>Runs that are stopped, or fail, elsewhere than in a step.</summary>
public sealed class InterruptedRunTests : IDisposable
{
    private const int Steps = 6;

    private readonly ScratchFolder _folder = new();
    private readonly string _model;

    public InterruptedRunTests() => _model = TestModel.Create(_folder["model.gguf"]);

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(2, true, false)]
    [InlineData(2, false, true)]
    [InlineData(4, false, false)]
    [InlineData(Steps, true, true)]
    [InlineData(Steps, false, false)]
    public void Measurement_ThatIsInterrupted_IsMadeBeforeTheRunGoesOn(int step, bool stopped, bool averaged)
    {
        TrainingLoopOptions options = new()
        {
            Schedule = new(0.02, Steps), CheckpointEvery = 5, EvalEvery = 2, AverageDecay = averaged ? 0.5 : null, EarlyStop = new() { Metric = "score", Patience = 9 },
        };
        (TrainingSummary Summary, float[] Weights, string[] Metrics) whole = Run("whole", options, _ => { });
        using var stop = new CancellationTokenSource();
        void Interrupt(int measured)
        {
            if (measured != step / 2) return;
            if (stopped) stop.Cancel();
            else throw new IOException("the policy cannot be written");
        }

        if (stopped) Assert.ThrowsAny<OperationCanceledException>(() => Run("other", options, Interrupt, stop.Token));
        else Assert.Throws<IOException>(() => Run("other", options, Interrupt));
        Assert.Equal(step, RunFolder.LastCheckpoint(_folder["other"]));
        Assert.Equal(step - 1, File.ReadLines(_folder["other/metrics.jsonl"]).Count());
        // Interrupted once more in the same place, nothing is lost either.
        Assert.Throws<IOException>(() => Run("other", options, _ => throw new IOException("still")));
        (TrainingSummary Summary, float[] Weights, string[] Metrics) resumed = Run("other", options, _ => { });
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(whole.Weights, resumed.Weights);
        Assert.Equal(whole.Metrics, resumed.Metrics);
    }

    [NativeFact]
    public void Measure_WhenStopped_ComputesNoFurtherPack()
    {
        using TrainingEngine engine = Open();
        using var stop = new CancellationTokenSource();
        int packs = 0;
        BatchObjective objective = (_, _) => new((pack, logp) =>
        {
            packs++;
            stop.Cancel();
            return SftObjective.Compute(logp, pack.Weights);
        });
        Assert.Throws<OperationCanceledException>(() => engine.Measure([Pack(1), Pack(2), Pack(3)], objective, stop.Token));
        Assert.Equal(1, packs);
    }

    [NativeFact]
    public void ReferencePasses_WhenStopped_AreNotBegun()
    {
        using TrainingEngine engine = Open();
        TrainingSample[] pair = [Sample(1), Sample(2)];
        var references = new ReferenceLogProbabilities(engine);
        var preferences = new PreferenceBatch(references, pairs => DpoObjective.Compute(pairs, new()), _ => 0);
        var verdicts = new KtoBatch(engine, references, new(), packTokens: 64, reachable: 64);
        verdicts.Pair([[pair[0]], [pair[1]]]);
        var stopped = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => preferences.Begin([new Pack(pair)], stopped));
        Assert.Throws<OperationCanceledException>(() => verdicts.Begin([new Pack(pair)], stopped));
        Assert.Throws<KeyNotFoundException>(() => references.Of(pair[0]));
    }

    [NativeFact]
    public void Resume_OnAnotherDay_KeepsTheDateThatTheTemplateWrote()
    {
        string template = "{{- '<|im_start|>system\\nToday is ' + strftime_now('%d.%m.%Y') + '<|im_end|>\\n' }}" + TestModel.ChatTemplate;
        string model = _folder["dated.gguf"];
        TestModel.Writer(new()).Set("tokenizer.chat_template", template).Write(model);
        SftOptions options = new()
        {
            Model = model, Data = _folder.Write("data.jsonl", "{\"instruction\":\"say a\",\"output\":\"a\"}\n{\"instruction\":\"say b\",\"output\":\"bb\"}"), Out = _folder["whole"],
            Lora = new() { Rank = 4 }, MaxSteps = 4, Epochs = 10, BatchSize = 1, LearningRate = 0.02, Threads = 1,
        };
        var clock = new FakeTimeProvider(new(2026, 3, 1, 23, 59, 0, TimeSpan.Zero));
        TrainingResult whole = TrainingRun.Run(options, false, clock);
        SftOptions other = options with { Out = _folder["other"] };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(other, false, clock, progress: step => stop.Cancel(), stop: stop.Token));
        clock.Advance(TimeSpan.FromDays(1));
        TrainingResult resumed = TrainingRun.Run(other, true, clock);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
        Assert.Equal(whole.Summary.LossLast, resumed.Summary.LossLast);
        TrainingResult later = TrainingRun.Run(options with { Out = _folder["later"] }, false, clock);
        Assert.NotEqual(whole.Summary.LossLast, later.Summary.LossLast);
    }

    private (TrainingSummary Summary, float[] Weights, string[] Metrics) Run(
        string name, TrainingLoopOptions options, Action<int> measuring, CancellationToken stop = default)
    {
        using TrainingEngine engine = Open();
        using RunFolder folder = RunFolder.Open(_folder[name], new byte[32], resume: Directory.Exists(_folder[name]));
        int measured = 0;
        var loop = new TrainingLoop(engine, (step, _) => [Pack(step)], (packs, _) => SftBatch.Objective(packs), options, folder, TimeProvider.System)
        {
            Evaluate = cancel =>
            {
                measuring(measured++);
                cancel.ThrowIfCancellationRequested();
                // Best in the middle, so that another number of measurements would end with other weights.
                double[] logp = engine.LogProbabilities(Pack(100));
                return new(-logp.Average(), new Dictionary<string, double> { ["score"] = -Math.Abs(logp.Average() + 5.5) });
            },
        };
        TrainingSummary summary = loop.Run(stop: stop);
        return (summary, [.. engine.Parameters.Values], [.. File.ReadLines(folder.Metrics).Select(WithoutSpeed)]);
    }

    private static string WithoutSpeed(string line) => $"{JsonSerializer.Deserialize(line, RunsJsonContext.Default.TrainingStep)! with { TokensPerSecond = 0 }}"
        + JsonElement.Parse(line).GetProperty("step") + (JsonElement.Parse(line).TryGetProperty("eval_metrics", out JsonElement metrics) ? metrics : "");

    private TrainingEngine Open() => TrainingEngine.Open(_model, new() { Rank = 4 }, options: new() { Threads = 1 });

    private static Pack Pack(int seed) => new([Sample(seed)]);

    private static TrainingSample Sample(int seed)
    {
        var random = new Random(seed);
        return new(seed, [.. Enumerable.Range(0, 12).Select(_ => random.Next(300))], [0, .. Enumerable.Repeat(1.0, 11)]);
    }
}
