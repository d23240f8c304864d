using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

/// <summary>Whole runs on a tiny generated model that is rewarded for its own answers.</summary>
public sealed class GrpoRunTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly GrpoRunOptions _options;

    public GrpoRunTests()
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
            MaxNewTokens = 6,
            LearningRate = 0.02,
            CheckpointEvery = 3,
            Rewards = new Dictionary<string, double> { ["vowels"] = 1 },
            MoreRewards = [new Vowels()],
            Threads = 1,
        };
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Objectives => ["grpo", "dapo", "dr_grpo", "rloo"];

    [NativeTheory]
    [MemberData(nameof(Objectives))]
    public void Run_ARewardOnItsTokens_IsEarnedMoreAndMore(string objective)
    {
        TrainingResult result = Run(With(objective) with { MaxSteps = 40, Parallel = 1, Iterations = objective == "grpo" ? 2 : 1 });
        IReadOnlyDictionary<string, double> metrics = result.Summary.Metrics;
        // 120 answers on either side: the few held-out ones are too few to tell learning from luck.
        double[] rewards = [.. File.ReadLines(Path.Combine(_options.Out, "metrics.jsonl")).Select(line => JsonElement.Parse(line).GetProperty("metrics").GetProperty("reward").GetDouble())];
        Assert.True(rewards[^10..].Average() > rewards[..10].Average() + 0.1, string.Join(", ", rewards));
        Assert.True(metrics["eval_reward_last"] > metrics["eval_reward_first"], string.Join(", ", metrics));
        Assert.Null(result.Summary.EvalLossLast);
        Assert.Contains("answer_tokens_last", metrics.Keys);
    }

    [NativeFact]
    public void Run_WithALongestSample_EndsAnswersThere()
    {
        Run(_options with { MaxSteps = 1, MaxNewTokens = 40, MaxLength = 24 });
        JsonElement round = JsonDocument.Parse(File.ReadAllText(Path.Combine(_options.Out, "rollouts-00000000.json"))).RootElement;
        int[] lengths = [.. round.GetProperty("rollouts").EnumerateArray().Select(rollout => rollout.GetProperty("tokens").GetArrayLength())];
        Assert.InRange(lengths.Max(), 12, 24);
    }

    [NativeFact]
    public void Step_OfAFreshRound_HasTheGradientOfItsAdvantages()
    {
        TrainingResult result = Run(_options with { MaxSteps = 1 });
        JsonElement round = JsonDocument.Parse(File.ReadAllText(Path.Combine(_options.Out, "rollouts-00000000.json"))).RootElement;
        double[] advantages = [.. round.GetProperty("rollouts").EnumerateArray().Select(rollout => rollout.GetProperty("advantage").GetDouble())];
        Assert.Equal(12, advantages.Length);
        Assert.All(advantages.Chunk(6), group => Assert.Equal(0, group.Sum(), 1e-9));
        // With ρ = 1 the loss is the mean of −A plus a divergence of 0.
        Assert.Equal(-advantages.Average(), result.Summary.LossFirst, 1e-9);
    }

    [NativeFact]
    public void Resume_WithinARound_EndsWithTheSameWeights()
    {
        GrpoRunOptions options = _options with { Iterations = 3, MaxSteps = 9, Parallel = 1 };
        TrainingResult whole = Run(options);
        using var stop = new CancellationTokenSource();
        GrpoRunOptions other = options with { Out = _folder["resumed"] };
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Run(other, false, TimeProvider.System, progress: step => Stop(step, stop), stop: stop.Token));
        TrainingResult resumed = TrainingRun.Run(other, true, TimeProvider.System);
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
    }

    [NativeFact]
    public void Resume_AfterACrashInALaterRound_EndsWithTheSameWeights()
    {
        // The newest checkpoint, of step 5, lies within the round of steps 4 to 6; the crash comes in the round after it.
        GrpoRunOptions options = _options with { Iterations = 3, MaxSteps = 9, Parallel = 1, CheckpointEvery = 5 };
        TrainingResult whole = Run(options);
        GrpoRunOptions other = options with { Out = _folder["resumed"] };
        Assert.Throws<TrainingException>(() => TrainingRun.Run(other, false, TimeProvider.System, progress: Crash));
        TrainingResult resumed = TrainingRun.Run(other, true, TimeProvider.System);
        Assert.Equivalent(whole.Summary, resumed.Summary, strict: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
    }

    [NativeFact]
    public void Resume_WithinARoundWhoseAnswersAreGone_NamesTheirFile()
    {
        GrpoRunOptions options = _options with { Iterations = 3, MaxSteps = 9, Parallel = 1, CheckpointEvery = 5 };
        Assert.Throws<TrainingException>(() => TrainingRun.Run(options, false, TimeProvider.System, progress: Crash));
        File.Delete(Path.Combine(options.Out, "rollouts-00000001.json"));
        string message = Assert.Throws<TrainingException>(() => TrainingRun.Run(options, true, TimeProvider.System)).Message;
        Assert.Contains("rollouts-00000001.json cannot be read", message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_ManyRounds_KeepsTheAnswersThatACheckpointNeeds()
    {
        Run(_options with { Parallel = 1 });
        string[] kept = [.. Directory.GetFiles(_options.Out, "rollouts-*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        // With one step a round, every checkpoint goes on with a new one.
        Assert.Equal(["rollouts-00000007.json"], kept);
    }

    [NativeFact]
    public void Run_WithAnswersToJudge_JudgesSeveralAtOnce()
    {
        var together = new Together();
        Run(_options with { EvalData = null, MaxSteps = 1, Parallel = 4, Rewards = new Dictionary<string, double> { ["together"] = 1 }, MoreRewards = [together] });
        Assert.True(together.Met);
    }

    [NativeFact]
    public void Run_AtATemperature_LearnsFromWhatWasSampled()
    {
        // Twice over the same answers: the first time they are as likely as when they were written, whatever the temperature.
        Run(_options with { MaxSteps = 2, Iterations = 2, Temperature = 2, Parallel = 1, LearningRate = 1e-9 });
        JsonElement round = JsonDocument.Parse(File.ReadAllText(Path.Combine(_options.Out, "rollouts-00000000.json"))).RootElement;
        using TrainingEngine engine = TrainingEngine.Open(_options.Model, _options.Lora, options: new() { Threads = 1 });
        foreach (JsonElement rollout in round.GetProperty("rollouts").EnumerateArray())
        {
            int[] tokens = rollout.GetProperty("tokens").Deserialize<int[]>()!;
            int prompt = rollout.GetProperty("prompt_tokens").GetInt32();
            var pack = new Pack([new TrainingSample(1, tokens, [.. tokens.Select((_, t) => t < prompt ? 0.0 : 1.0)])]);
            double[] expected = [.. engine.Logits(pack).Zip(pack.Targets, (logits, target) => LogProbability(logits, target, 2))];
            Assert.Equal(expected, rollout.GetProperty("old").Deserialize<double[]>()!, (x, y) => Math.Abs(x - y) < 1e-4);
        }
    }

    private static double LogProbability(float[] logits, int target, double temperature) =>
        (logits[target] / temperature) - Math.Log(logits.Sum(logit => Math.Exp(logit / temperature)));

    [NativeFact]
    public void Resume_WithOtherSettingsOfAReward_IsRefused()
    {
        GrpoRunOptions options = _options with { MaxSteps = 1, Rewards = new Dictionary<string, double> { ["length"] = 1 }, MoreRewards = [new LengthReward(2, 4)] };
        Run(options);
        var refused = Assert.Throws<UserInputException>(() => TrainingRun.Run(options with { MoreRewards = [new LengthReward(2, 5)] }, true, TimeProvider.System));
        Assert.Contains("another configuration", refused.Message, StringComparison.Ordinal);
        TrainingRun.Run(options with { MoreRewards = [new LengthReward(2, 4)] }, true, TimeProvider.System);
    }

    [NativeFact]
    public void Run_AJudgeThatMarksNothing_EndsWithTheReason()
    {
        var vague = new JudgeReward(new ScriptedModel(_ => ScriptedReply.Text("It is good.")), "Be brief.");
        GrpoRunOptions options = _options with { EvalData = null, Rewards = new Dictionary<string, double> { ["judge"] = 1 }, MoreRewards = [vague] };
        string message = Assert.Throws<TrainingException>(() => Run(options)).Message;
        Assert.Contains("judge could judge none of 12 answers", message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Run_EqualRewardsAndNoDivergence_LearnsNothing()
    {
        TrainingResult result = Run(With("dapo") with { MaxSteps = 2, MoreRewards = [new Constant()], Rewards = new Dictionary<string, double> { ["constant"] = 1 } });
        Assert.Equal((0, 0L), (result.Summary.LossLast, result.Summary.Tokens));
        Assert.Equal(1, result.Summary.Metrics["equal_groups_last"]);
    }

    [NativeTheory]
    [InlineData("{\"prompt\":\"a\",\"reward\":{\"tool_calls\":3}}", "reward.tool_calls: a list of calls is expected")]
    [InlineData("{\"prompt\":\"a\",\"reward\":{\"other\":1}}", "reward has none of tool_calls")]
    [InlineData("{\"prompt\":\"a\"}", "reward is missing")]
    public void Run_RowWithoutAnExpectation_IsNamed(string row, string expected)
    {
        Dictionary<string, double> rewards = new() { ["tool_calls"] = 1 };
        GrpoRunOptions options = _options with { Data = _folder.Write("bad.jsonl", row), EvalData = null, Rewards = rewards, MoreRewards = [] };
        Assert.Contains($"line 1: {expected}", Assert.Throws<UserInputException>(() => Run(options)).Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Command_RunsAndPrintsWhatWasEarned()
    {
        string config = Config("\"rewards\": {\"exact\": 1, \"length\": 0.1}, \"length_limit\": 2");
        CliRun run = await CliRun.OfAsync("train", "grpo", "--config", config, "--json");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        JsonElement metrics = JsonDocument.Parse(run.Out).RootElement.GetProperty("metrics");
        Assert.True(metrics.GetProperty("reward_length_last").GetDouble() < 0);
        Assert.Equal(0, metrics.GetProperty("eval_reward_exact_last").GetDouble());
    }

    [NativeTheory]
    [InlineData("\"rewards\": {\"beauty\": 1}", "rewards.beauty is not a known field; known here: exact, number, schema, tool_calls, tool_names, tests, length, judge")]
    [InlineData("\"rewards\": {\"exact\": 1, \"number\": 2}", "rewards.number has the weight 2, and no row has number in its reward")]
    [InlineData("\"objective\": \"rloo\", \"clip_low\": 0.1", "rloo has no such setting")]
    [InlineData("\"generations\": 1", "generations is 1; a whole number from 2 to 128 is expected")]
    [InlineData("\"rank\": 2.5", "rank is 2.5; a whole number from 1 to 1024 is expected")]
    [InlineData("\"rewards\": {\"judge\": 1}", "judge_model is missing")]
    public async Task Command_WrongConfig_NamesTheFieldAndWhatIsAllowed(string field, string expected)
    {
        CliRun run = await CliRun.OfAsync("train", "grpo", "--config", Config(field));
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private string Config(string more) => _folder.Write("grpo.json", $$"""
        { "model": "model.gguf", "data": "prompts.jsonl", "eval_data": "prompts.jsonl", "out": "cli", "max_steps": 1, "max_new_tokens": 5, "batch_size": 2, "threads": 1, {{more}} }
        """);

    private GrpoRunOptions With(string objective) => objective switch
    {
        "dapo" => _options with { Grpo = new() { Variant = GrpoVariant.Dapo, ClipHigh = 0.28, KlBeta = 0 } },
        "dr_grpo" => _options with { Grpo = new() { Variant = GrpoVariant.DrGrpo, ScaleRewards = false, KlBeta = 0 } },
        "rloo" => _options with { Rloo = new() { KlBeta = 0.01 } },
        _ => _options,
    };

    private static void Crash(TrainingStep step)
    {
        if (step.Step == 8) throw new TrainingException("crash");
    }

    private static void Stop(TrainingStep step, CancellationTokenSource stop)
    {
        if (step.Step == 5) stop.Cancel();
    }

    private static TrainingResult Run(RunOptions options) => TrainingRun.Run(options, false, TimeProvider.System);

    /// <summary>A reward that a random model can earn more of.</summary>
    private sealed class Vowels : Reward
    {
        public override string Name => "vowels";

        public override string? Field => null;

        public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken) =>
            new(answer.Text.Length == 0 ? 0 : answer.Text.Count(letter => char.ToLowerInvariant(letter) is >= 'a' and <= 'm') / (double)answer.Text.Length);
    }

    private sealed class Constant : Reward
    {
        public override string Name => "constant";

        public override string? Field => null;

        public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken) => new(0.3);
    }

    /// <summary>A reward that waits until a second answer is judged at the same time.</summary>
    private sealed class Together : Reward
    {
        private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        public bool Met => _second.Task.IsCompleted;

        public override string Name => "together";

        public override string? Field => null;

        public override async ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _calls) == 2) _second.SetResult();
            await _second.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, cancellationToken);
            return answer.Text.Length;
        }
    }
}
