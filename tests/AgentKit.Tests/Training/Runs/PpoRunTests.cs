using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

/// <summary>Whole runs on a tiny generated model that is rewarded for its own answers, with a value head beside the adapter.</summary>
public sealed class PpoRunTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly PpoRunOptions _options;

    public PpoRunTests()
    {
        string prompts = _folder.Write("prompts.jsonl", string.Join('\n', Enumerable.Range(0, 4).Select(i => $"{{\"prompt\":\"say {i}\",\"reward\":{{\"exact\":\"x\"}}}}")));
        _options = new()
        {
            Model = TestModel.Create(_folder["model.gguf"]),
            Data = prompts,
            EvalData = prompts,
            Out = _folder["run"],
            Lora = new() { Rank = 4, Alpha = 8 },
            MaxSteps = 8,
            Epochs = 20,
            BatchSize = 2,
            Generations = 6,
            Iterations = 2,
            Minibatches = 2,
            MaxNewTokens = 6,
            LearningRate = 0.02,
            CheckpointEvery = 3,
            Parallel = 1,
            Rewards = new Dictionary<string, double> { ["early"] = 1 },
            MoreRewards = [new EarlyLetters()],
            Threads = 1,
        };
    }

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public void Run_ARewardOnItsTokens_IsEarnedMoreAndMoreAndForeseen()
    {
        TrainingResult result = Run(_options with { MaxSteps = 60, Generations = 12, Minibatches = 1, KlBeta = 0.002 });
        Dictionary<string, double>[] steps = [.. File.ReadLines(Path.Combine(_options.Out, "metrics.jsonl"))
            .Select(line => JsonElement.Parse(line).GetProperty("metrics").Deserialize<Dictionary<string, double>>()!)];
        double[] rewards = [.. steps.Chunk(2).Select(round => round[0]["reward"])];
        Assert.True(rewards[^5..].Average() > rewards[..5].Average() + 0.2, string.Join(", ", rewards));
        Assert.True(result.Summary.Metrics["eval_reward_last"] > result.Summary.Metrics["eval_reward_first"], string.Join(", ", result.Summary.Metrics));
        // A new value head expects nothing, and its adapter is the reference.
        Assert.Equal(0, steps[0]["explained_variance"], 1e-9);
        Assert.Equal(0, steps[0]["kl"], 1e-9);
        Assert.True(steps[^10..].Average(step => step["value_loss"]) < 0.7 * steps[0]["value_loss"], string.Join(", ", steps.Select(step => step["value_loss"])));
        Assert.False(AdapterInfo.Read(result.Adapter).HasScoreHead);
        Assert.True(GgufFile.Open(result.Adapter).Metadata.ContainsKey("agentkit.value_head"));
        // llama.cpp must not stumble over the head.
        Assert.NotEmpty(LlamaReference.Logits(_options.Model, [1, 2, 3], 1, result.Adapter));
    }

    [NativeFact]
    public void Round_OfTheFirstStep_HoldsWhatItsTargetsAreMadeOf()
    {
        TrainingResult result = Run(_options with { MaxSteps = 1, Minibatches = 1 });
        RolloutRound round = RoundFile.Read(Path.Combine(_options.Out, "rollouts-00000000.json"));
        Assert.Equal(12, round.Rollouts.Count);
        Assert.All(round.Rollouts, rollout => Assert.All(rollout.Values!, value => Assert.Equal(0, value)));
        Assert.All(round.Rollouts, rollout => Assert.Equal(rollout.AnswerTokens, rollout.Old!.Length));
        Assert.All(round.Rollouts, rollout => Assert.Equal(rollout.Old!, rollout.Reference!));
        PpoTargets targets = PpoTargets.Of(round, _options);
        // With ρ = 1 the policy's part is the mean of the whitened advantages, which is 0; the values' part is half the squared returns.
        double squares = targets.Returns.SelectMany(row => row).Average(value => value * value);
        Assert.Equal(0.5 * 0.5 * squares, result.Summary.LossFirst, 1e-6);
        Assert.All(round.Rollouts.Zip(targets.Advantages), pair => Assert.Equal(pair.Second.Average(), pair.First.Advantage, 1e-12));
    }

    [NativeTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Resume_WithinARound_EndsWithTheSameWeightsAndValues(bool crashes)
    {
        PpoRunOptions options = _options with { MaxSteps = 11, CheckpointEvery = 6 };
        TrainingResult whole = Run(options);
        PpoRunOptions other = options with { Out = _folder["resumed"] };
        using var stop = new CancellationTokenSource();
        // The newest checkpoint of the crash, of step 6, lies within the second round; the crash comes in the third.
        if (crashes) Assert.Throws<TrainingException>(() => TrainingRun.Run(other, false, TimeProvider.System, progress: Crash));
        else Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(other, false, TimeProvider.System, progress: step => Stop(step, stop), stop: stop.Token));
        Assert.Equal(crashes ? 6 : 5, RunFolder.LastCheckpoint(other.Out));
        TrainingResult resumed = TrainingRun.Run(other, true, TimeProvider.System);
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
        Assert.Equal(Head(whole.Adapter), Head(resumed.Adapter));
        Assert.Contains(Head(whole.Adapter), value => value != 0);
    }

    [NativeFact]
    public void Adapter_ToGoOnFrom_KeepsItsExpectations()
    {
        TrainingResult first = Run(_options);
        TrainingResult second = Run(_options with { Adapter = first.Adapter, Out = _folder["second"], MaxSteps = 1, LearningRate = 1e-12 });
        Assert.Equal(Head(first.Adapter), Head(second.Adapter), (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [NativeFact]
    public void Gradient_OfPolicyAndValueHead_MatchesCentralDifferences()
    {
        using TrainingEngine engine = TrainingEngine.Open(_options.Model, _options.Lora, seed: 1, new() { Threads = 1, HeadChunk = 7, ValueHead = true });
        var random = new Random(3);
        float[] values = [.. engine.Adapter.Values.Select(_ => (random.NextSingle() - 0.5f) * 0.2f)];
        engine.Adapter.Replace(values);
        var pack = new Pack([Sample(5, 11), Sample(6, 8)]);
        double[] weights = [.. Enumerable.Range(0, 2 * pack.Weights.Length).Select(i => Math.Sin(i + 1))];
        double Loss() => engine.Outputs(pack).Zip(weights, (output, weight) => output * weight).Sum();
        engine.Adapter.ClearGradient();
        double loss = engine.Accumulate(pack, (_, outputs) => new(outputs.Zip(weights, (output, weight) => output * weight).Sum(), weights));
        engine.Adapter.DownloadGradient();
        Assert.Equal(Loss(), loss, 1e-9);
        float[] gradient = [.. engine.Adapter.Gradient];
        LoraMatrix matrix = engine.Adapter.Matrices.Last();
        int count = engine.Adapter.Values.Length;
        foreach (Range place in (Range[])[(count - 64)..count, engine.Adapter.Places(matrix).A, engine.Adapter.Places(matrix).B])
            Engine.GradientCheck.AssertDirection(engine.Adapter, Loss, gradient, place, $"{place}");
        Assert.Equal(engine.LogProbabilities(pack), engine.Outputs(pack)[..pack.Weights.Length]);
        Assert.Throws<InvalidOperationException>(() => engine.Scores(pack));
    }

    [NativeTheory]
    [InlineData("\"minibatches\": 33", "minibatches is 33; a round has 32 answers (batch_size × generations) to deal out")]
    [InlineData("\"lambda\": 1.5", "lambda is 1.5; a number from 0 to 1")]
    [InlineData("\"long_rows\": \"cut\"", "half a prompt asks something else")]
    [InlineData("\"iterations\": 2000000000, \"minibatches\": 2", "2147483647 can be at most")]
    [InlineData("\"gamma\": 0", "gamma is 0; a number above 0 and up to 1")]
    [InlineData("\"clip\": \"wide\"", "clip is the string \"wide\"")]
    [InlineData("\"objective\": \"dapo\"", "objective is not a known field")]
    [InlineData("\"mix\": [{\"data\": \"prompts.jsonl\"}]", "mix is not a known field")]
    public async Task Command_WrongConfig_NamesTheFieldAndWhatIsAllowed(string field, string expected)
    {
        CliRun run = await CliRun.OfAsync("train", "ppo", "--config", Config(field));
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_OfAMixture_SaysThatPromptsAreOfOneFile() => Assert.Contains(
        "train ppo learns from the prompts of one file",
        Assert.Throws<UserInputException>(() => Run(_options with { Mix = [new() { Data = _options.Data }] })).Message,
        StringComparison.Ordinal);

    [NativeFact]
    public async Task Command_RunsAndPrintsWhatWasEarnedAndExpected()
    {
        CliRun run = await CliRun.OfAsync("train", "ppo", "--config", Config("\"rewards\": {\"exact\": 1, \"length\": 0.1}, \"length_limit\": 2, \"value_clip\": null"), "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        JsonElement metrics = JsonDocument.Parse(run.Out).RootElement.GetProperty("metrics");
        Assert.True(metrics.GetProperty("reward_length_last").GetDouble() < 0);
        Assert.True(metrics.GetProperty("value_loss_last").GetDouble() > 0);
        Assert.False(metrics.TryGetProperty("equal_groups_last", out _));
    }

    private static TrainingSample Sample(int seed, int length)
    {
        var random = new Random(seed);
        return new(seed, [.. Enumerable.Range(0, length).Select(_ => random.Next(300))], [0, .. Enumerable.Range(1, length - 1).Select(t => t < 3 ? 0.0 : 1.0)]);
    }

    private string Config(string more) => _folder.Write("ppo.json", $$"""
        { "model": "model.gguf", "data": "prompts.jsonl", "out": "cli", "max_steps": 2, "max_new_tokens": 5, "batch_size": 32, "threads": 1, {{more}} }
        """.Replace("\"batch_size\": 32", more.Contains("minibatches", StringComparison.Ordinal) ? "\"batch_size\": 32" : "\"batch_size\": 2", StringComparison.Ordinal));

    private static void Crash(TrainingStep step)
    {
        if (step.Step == 10) throw new TrainingException("crash");
    }

    private static void Stop(TrainingStep step, CancellationTokenSource stop)
    {
        if (step.Step == 5) stop.Cancel();
    }

    private static TrainingResult Run(RunOptions options) => TrainingRun.Run(options, false, TimeProvider.System);

    private static double[] Head(string adapter) => GgufFile.Open(adapter).Metadata["agentkit.value_head"].AsNumbers();

    /// <summary>A reward that a random model can earn more of.</summary>
    private sealed class EarlyLetters : Reward
    {
        public override string Name => "early";

        public override string? Field => null;

        public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken) =>
            new(answer.Text.Length == 0 ? 0 : answer.Text.Count(letter => char.ToLowerInvariant(letter) is >= 'a' and <= 'm') / (double)answer.Text.Length);
    }
}
