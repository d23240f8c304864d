using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

/// <summary>Whole runs on a tiny generated model.</summary>
public sealed class SftRunTests : IDisposable
{
    private const int Steps = 7;

    private readonly ScratchFolder _folder = new();
    private readonly SftOptions _options;

    public SftRunTests()
    {
        string[] rows = [.. Enumerable.Range(0, 9).Select(i => $"{{\"instruction\":\"say {i}\",\"output\":\"{(char)('a' + i)}{(char)('a' + i)}\"}}")];
        _options = new()
        {
            Model = TestModel.Create(_folder["model.gguf"]),
            Data = _folder.Write("data.jsonl", string.Join('\n', rows)),
            EvalData = _folder.Write("eval.jsonl", rows[0]),
            Out = _folder["run"],
            Lora = new() { Rank = 4, Alpha = 8 },
            MaxSteps = Steps,
            Epochs = 10,
            BatchSize = 4,
            PackTokens = 64,
            LearningRate = 0.02,
            CheckpointEvery = 2,
            Threads = 1,
        };
    }

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public void Run_FewSteps_LearnsAndWritesAnAdapterThatLoads()
    {
        TrainingResult result = Run(_options with { MaxSteps = 30 });
        Assert.Equal((30, 9), (result.Summary.Steps, result.Rows));
        Assert.True(result.Summary.LossLast < 0.5 * result.Summary.LossFirst, $"{result.Summary}");
        Assert.True(result.Summary.EvalLossLast < 0.5 * result.Summary.EvalLossFirst, $"{result.Summary}");
        AdapterInfo info = AdapterInfo.Read(result.Adapter);
        Assert.Equal((4, 8, 14, "sft"), (info.Rank, info.Alpha, info.Matrices, info.Objective));
        Assert.Null(info.MisfitWith(_options.Model));
        Assert.Contains("SHA-256", info.MisfitWith(TestModel.Create(_folder["other.gguf"], seed: 2)), StringComparison.Ordinal);
        Assert.Equal(30, File.ReadLines(Path.Combine(_options.Out, "metrics.jsonl")).Count());
    }

    [NativeFact]
    public void Run_WithAMixture_TakesRowsOfTheOtherFileInItsPartOfTheRun()
    {
        string other = _folder.Write("other.jsonl", """{"instruction":"a much longer instruction than all others in this test","output":"yes"}""");
        SftOptions options = _options with { MaxSteps = 4, BatchSize = 3, Mix = [new() { Data = other, Rows = 1, From = 0.5 }] };
        Run(options);
        int[] tokens = [.. File.ReadLines(Path.Combine(options.Out, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("batch_tokens").GetInt32())];
        Assert.True(Math.Max(tokens[0], tokens[1]) < Math.Min(tokens[2], tokens[3]) - 20, string.Join(", ", tokens));
        Assert.Contains("another configuration, model or data", Refused(options with { Mix = [] }, resume: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, 0.3)]
    [InlineData(0.5, 0.5)]
    public void Run_AMixtureThatEndsBeforeItBegins_IsRefused(double from, double to)
    {
        SftOptions options = _options with { Mix = [new() { Data = _options.Data, From = from, To = to }] };
        Assert.Contains("from must be below to", Refused(options), StringComparison.Ordinal);
    }

    [NativeTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Resume_AfterAStop_EndsWithTheSameWeights(int stopAfter)
    {
        TrainingResult whole = Run(_options);
        SftOptions other = _options with { Out = _folder["resumed"] };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(other, progress: step => Stop(step, stopAfter, stop), stop: stop.Token));
        AssertSame(whole, Run(other, resume: true), other);
    }

    [NativeTheory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void Resume_AfterACrash_EndsWithTheSameWeights(int crashAfter)
    {
        TrainingResult whole = Run(_options);
        SftOptions other = _options with { Out = _folder["resumed"] };
        // A crash leaves no checkpoint of its own: what was done since the last one is done again.
        Assert.Throws<TrainingException>(() => Run(other, progress: step => Crash(step, crashAfter)));
        File.AppendAllText(Path.Combine(other.Out, "metrics.jsonl"), "{\"step\":");
        AssertSame(whole, Run(other, resume: true), other);
    }

    [NativeFact]
    public void Resume_OnAMachineThatWouldChooseOtherProducts_GoesOnWithThoseOfTheRun()
    {
        TrainingResult whole = Run(_options);
        string engine = Path.Combine(_options.Out, "engine.json");
        Assert.Contains("products", File.ReadAllText(engine), StringComparison.Ordinal);
        SftOptions resumed = _options with { Out = _folder["resumed"] };
        Assert.Throws<TrainingException>(() => Run(resumed, progress: step => Crash(step, 3)));
        File.WriteAllText(Path.Combine(resumed.Out, "engine.json"), """{"products":"Ggml"}""");
        Run(resumed, resume: true);
        Assert.Equal("""{"products":"Ggml"}""", File.ReadAllText(Path.Combine(resumed.Out, "engine.json")));
        Assert.Equal(whole.Summary.Steps, File.ReadLines(Path.Combine(resumed.Out, "metrics.jsonl")).Count());

        File.WriteAllText(Path.Combine(resumed.Out, "engine.json"), "{");
        Assert.Contains("engine.json is damaged", Refused(resumed, resume: true), StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_ThatFailsByItself_KeepsItsLastStep()
    {
        TrainingResult whole = Run(_options);
        SftOptions other = _options with { Out = _folder["resumed"], CheckpointEvery = 1000 };
        Assert.Throws<InvalidOperationException>(() => Run(other, progress: step => throw new InvalidOperationException($"at {step.Step}")));
        Assert.Equal(1, RunFolder.LastCheckpoint(other.Out));
        AssertSame(whole, Run(other, resume: true), other);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void MixedPlan_OfAFileOfAnyLength_GivesEveryStepItsRows(int rowsInFile)
    {
        static IReadOnlyList<TrainingSample> Row(int line) => [new(line, [1, 2], [0, 1])];
        var own = new BatchPlan([.. Enumerable.Range(0, 7).Select(Row)], batchSize: 7, packTokens: 100, seed: 1);
        var plan = new MixedPlan(own, steps: 5, packTokens: 100);
        plan.Add(new() { Data = "other", Rows = 4 }, [.. Enumerable.Range(100, rowsInFile).Select(Row)], seed: 2);
        int[] taken = [.. Enumerable.Range(1, 5).SelectMany(step => plan.Batch(step)).SelectMany(pack => pack.Samples).Select(sample => sample.Line).Where(line => line >= 100)];
        Assert.Equal(20, taken.Length);
        Assert.All(taken.GroupBy(line => line), row => Assert.Equal(20 / rowsInFile, row.Count()));
    }

    [NativeFact]
    public void Resume_OfAFinishedRun_ChangesNothing()
    {
        TrainingResult first = Run(_options);
        byte[] adapter = File.ReadAllBytes(first.Adapter);
        Assert.Equivalent(first.Summary, Run(_options, resume: true).Summary, strict: true);
        Assert.Equal(adapter, File.ReadAllBytes(first.Adapter));
    }

    [NativeFact]
    public void Run_FolderInUseOrOfAnotherRun_IsRefused()
    {
        Run(_options);
        Assert.Contains("holds a run already; --resume", Refused(_options), StringComparison.Ordinal);
        Assert.Contains("another configuration, model or data", Refused(_options with { LearningRate = 0.01 }, resume: true), StringComparison.Ordinal);
        Assert.Contains("another configuration, model or data", Refused(_options with { AttentionBytes = 1 << 20 }, resume: true), StringComparison.Ordinal);
        using var taken = new FileStream(Path.Combine(_options.Out, "run.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("Another training may be running", Refused(_options, resume: true), StringComparison.Ordinal);
    }

    [NativeFact]
    public void Resume_DamagedCheckpoint_IsNamed()
    {
        Run(_options);
        string newest = Directory.GetFiles(_options.Out, "checkpoint-*").Order(StringComparer.Ordinal).Last();
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^100] ^= 1;
        File.WriteAllBytes(newest, bytes);
        Assert.Contains($"{newest} cannot be used: its checksum is wrong", Refused(_options, resume: true), StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_BadRows_AreNamedOrLeftOut()
    {
        SftOptions options = _options with { Data = _folder.Write("bad.jsonl", File.ReadAllText(_options.Data) + "\n{\"instruction\":\"x\"}\n{\"mess") };
        string message = Refused(options);
        Assert.Contains("2 rows cannot be used: line 10: ", message, StringComparison.Ordinal);
        Assert.Contains("line 11: is not JSON", message, StringComparison.Ordinal);
        Assert.Equal([10, 11], Assert.Single(Run(options with { SkipBadRows = true, MaxSteps = 1 }).LeftOut).BadRows.Select(fault => fault.Line));
    }

    [NativeFact]
    public async Task Sft_BadAndLongRowsOfOtherFiles_AreNamedToo()
    {
        string good = "{\"instruction\":\"x\",\"output\":\"y\"}";
        _folder.Write("held.jsonl", $"{good}\n{{\"instruction\":\"x\"}}");
        _folder.Write("other.jsonl", $"{good}\n{{\"instruction\":\"{new string('a', 400)}\",\"output\":\"y\"}}");
        string fields = "\"eval_data\": \"held.jsonl\", \"mix\": [{\"data\": \"other.jsonl\"}], \"skip_bad_rows\": true, \"long_rows\": \"skip\", \"max_length\": 100";
        CliRun run = await CliRun.OfAsync("train", "sft", "--config", Config(fields), "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        JsonElement result = JsonDocument.Parse(run.Out).RootElement, left = result.GetProperty("left_out");
        Assert.Equal(0, result.GetProperty("bad_rows").GetInt32());
        Assert.Equal(("eval_data", 1), (left[0].GetProperty("field").GetString(), left[0].GetProperty("bad_rows").GetInt32()));
        Assert.Equal(("mix[0].data", 2), (left[1].GetProperty("field").GetString(), left[1].GetProperty("long_lines")[0].GetInt32()));
        Assert.Contains("left out, eval_data, line 2: ", run.Error, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Loop_LossThatIsNoNumber_NamesTheRowsAndKeepsTheCheckpoint()
    {
        using TrainingEngine engine = TrainingEngine.Open(_options.Model, _options.Lora, options: new() { Threads = 1 });
        using RunFolder folder = RunFolder.Open(_options.Out, new byte[32], resume: false);
        var plan = new BatchPlan([[new TrainingSample(41, [1, 2, 3], [0, 1, 1])], [new TrainingSample(17, [4, 5], [0, 1])]], 2, 64, 0);
        int calls = 0;
        BatchObjective diverging = (_, _) => new((pack, logp) => new(++calls > 3 ? double.NaN : 1, logp));
        var loop = new TrainingLoop(engine, (step, _) => plan.Batch(step), diverging, new() { Schedule = new(1e-3, 9), CheckpointEvery = 1 }, folder, TimeProvider.System);
        string message = Assert.Throws<TrainingException>(() => loop.Run()).Message;
        Assert.Contains("Step 4: the loss is NaN", message, StringComparison.Ordinal);
        Assert.Contains("lines 17, 41", message, StringComparison.Ordinal);
        Assert.Contains("checkpoint of step 3 is intact", message, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Sft_Command_PrintsTheContractsFields()
    {
        CliRun run = await CliRun.OfAsync("train", "sft", "--config", Config(""), "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        JsonElement result = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal(3, result.GetProperty("steps").GetInt32());
        string[] fields = ["steps", "tokens", "tokens_per_second", "loss_first", "loss_last", "metrics", "adapter", "seconds"];
        Assert.All(fields, field => Assert.True(result.TryGetProperty(field, out _), field));
        Assert.True(result.GetProperty("tokens").GetInt64() > 0 && result.GetProperty("tokens_per_second").GetDouble() > 0);
        string adapter = result.GetProperty("adapter").GetString()!;
        CliRun inspect = await CliRun.OfAsync("train", "inspect", adapter, "-m", _options.Model, "--json");
        Assert.True(JsonDocument.Parse(inspect.Out).RootElement.GetProperty("fits").GetBoolean());
        GgufFile.Open(adapter);
    }

    [NativeTheory]
    [InlineData("\"epochs\": 0", "epochs is 0; a whole number of 1 or more")]
    [InlineData("\"epoch\": 1", "epoch is not a known field")]
    [InlineData("\"targets\": [\"q\", \"z\"]", "targets[1] is the string \"z\"; one of q, k, v")]
    [InlineData("\"mix\": [{\"data\": \"data.jsonl\", \"rows\": 0}]", "mix[0].rows is 0; a whole number of 1 or more")]
    [InlineData("\"schedule\": \"step\"", "one of cosine, linear, constant")]
    [InlineData("\"attention_bytes\": 0", "attention_bytes is 0; a whole number of 1 or more")]
    [InlineData("\"kept_bytes\": 0.5", "kept_bytes is 0.5; a whole number of 0 or more")]
    [InlineData("\"max_length\": 4096", "max_length is 4096; 2 to 512 is allowed")]
    [InlineData("\"eval_data\": \"none.jsonl\"", "none.jsonl, which does not exist; a file is expected")]
    [InlineData("\"eval_data\": \".\"", "a directory; a file is expected")]
    [InlineData("\"adapter\": \"none.gguf\"", "none.gguf, which does not exist; a file is expected")]
    [InlineData("\"adapter\": \".\"", "a directory; a file is expected")]
    [InlineData("\"mix\": [{\"data\": \"none.jsonl\"}]", "mix[0].data is ")]
    [InlineData("\"seed\": 1, \"seed\": 2", "$.seed is there twice; one value is expected")]
    public async Task Sft_WrongConfig_NamesTheFieldAndWhatIsAllowed(string field, string expected)
    {
        CliRun run = await CliRun.OfAsync("train", "sft", "--config", Config(field));
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_ModelInsteadOfAdapter_IsRefused()
    {
        CliRun run = await CliRun.OfAsync("train", "inspect", _options.Model);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("a LoRA adapter has 'lora'", run.Error, StringComparison.Ordinal);
    }

    private string Config(string more) => _folder.Write("sft.json", $$"""
        {
          // paths are relative to this file
          "model": "model.gguf", "data": "data.jsonl", "out": "cli", "rank": 4, "max_steps": 3, "batch_size": 4, "threads": 1,
          {{more}}
        }
        """);

    private static void Stop(TrainingStep step, int after, CancellationTokenSource stop)
    {
        if (step.Step == after) stop.Cancel();
    }

    private static void Crash(TrainingStep step, int after)
    {
        if (step.Step == after + 1) throw new TrainingException("crash");
    }

    private static TrainingResult Run(SftOptions options, bool resume = false, Action<TrainingStep>? progress = null, CancellationToken stop = default) =>
        TrainingRun.Run(options, resume, TimeProvider.System, progress: progress, stop: stop);

    private static string Refused(SftOptions options, bool resume = false) => Assert.Throws<UserInputException>(() => Run(options, resume)).Message;

    private static void AssertSame(TrainingResult whole, TrainingResult resumed, SftOptions options)
    {
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
        int[] steps = [.. File.ReadLines(Path.Combine(options.Out, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32())];
        Assert.Equal(Enumerable.Range(1, Steps), steps);
    }
}
