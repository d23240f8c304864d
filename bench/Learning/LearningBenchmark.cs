using AgentKit.Eval.Statistics;
using AgentKit.Models.Quantization;
using AgentKit.Tests.Support;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Bench.Learning;

/// <summary>
/// Whether training teaches: the shipped model, made so small that it errs (Q2_K), is fine-tuned on tool calls, rewarded for right ones, and shown pairs; each time the same
/// held-out cases are asked before and after. The numbers are shares of right answers, not timings.
/// </summary>
internal static class LearningBenchmark
{
    private const int MostCharacters = 1900, TrainCases = 480, PromptCases = 160;
    private const string WeakType = "Q2_K";

    public static async Task RunAsync()
    {
        string data = TestData.Folder("nano-tools", "train.jsonl")
            ?? throw new InvalidOperationException("The nano-tools data is not here; AGENTKIT_TESTDATA names its parent folder.");
        string folder = Directory.CreateDirectory(Path.Combine("artifacts", "learning")).FullName;
        string shipped = Path.Combine(AppContext.BaseDirectory, "models", "nano.gguf"), weak = Path.Combine(folder, "weak.gguf");
        if (!File.Exists(weak)) await ModelQuantizer.QuantizeAsync(shipped, weak, WeakType, new() { AllowRequantize = true });
        ToolCase[] train = [.. ToolCase.Read(data, ["train.jsonl", "house-train.jsonl"], MostCharacters)];
        new Random(7).Shuffle(train);
        IReadOnlyList<ToolCase> held = ToolCase.Read(data, ["heldout.jsonl", "house-heldout.jsonl"], MostCharacters);
        Files files = Write(folder, [.. train.Take(TrainCases)], held);
        Console.WriteLine($"{TrainCases} cases to learn from, {held.Count} held out");
        Console.WriteLine();
        BenchReport.PrintHeader("model", "right calls", "against", "won", "lost", "p (exact McNemar)");
        bool[] whole = await ExamAsync("shipped, Q8_0", shipped, null, files.Held, null, "");
        bool[] before = await ExamAsync($"shipped, {WeakType}", weak, null, files.Held, whole, "shipped, Q8_0");
        string sft = Train(Sft(folder, weak, files));
        await ExamAsync($"{WeakType} + SFT", weak, sft, files.Held, before, $"shipped, {WeakType}");
        string grpo = Train(Grpo(folder, weak, files));
        await ExamAsync($"{WeakType} + GRPO", weak, grpo, files.Held, before, $"shipped, {WeakType}");
        await PreferAsync(folder, weak, files, [.. train.Take(TrainCases)], held, before);
    }

    private static async Task<bool[]> ExamAsync(string name, string model, string? adapter, string prompts, bool[]? against, string other)
    {
        bool[] right = await ToolCallExam.MarkAsync(prompts, await ToolCallExam.AskAsync(model, adapter, prompts));
        string share = $"{right.Count(value => value)} of {right.Length} ({right.Average(value => value ? 100.0 : 0):0.0} %)";
        if (against is null)
        {
            BenchReport.PrintRow(name, share, "", "", "", "");
            return right;
        }

        int won = right.Zip(against).Count(pair => pair.First && !pair.Second), lost = right.Zip(against).Count(pair => !pair.First && pair.Second);
        BenchReport.PrintRow(name, share, other, won, lost, McNemar.Exact(won, lost).ToString("0.0e0"));
        return right;
    }

    /// <summary>Pairs of the right calls with what the model wrote instead, where it erred.</summary>
    private static async Task PreferAsync(string folder, string model, Files files, IReadOnlyList<ToolCase> train, IReadOnlyList<ToolCase> held, bool[] before)
    {
        async Task<string> PairsAsync(string name, string prompts, IReadOnlyList<ToolCase> cases)
        {
            Answer[] answers = await ToolCallExam.AskAsync(model, null, prompts);
            bool[] right = await ToolCallExam.MarkAsync(prompts, answers);
            string path = Path.Combine(folder, name);
            File.WriteAllLines(path, Enumerable.Range(0, cases.Count).Where(i => !right[i] && (answers[i].Calls.Count > 0 || answers[i].Content.Length > 0))
                .Select(i => cases[i].ToPair(ToolCallExam.ToMessage(answers[i]))));
            return path;
        }

        PreferenceRunOptions options = new()
        {
            Model = model,
            Data = await PairsAsync("pairs-train.jsonl", files.Train, train),
            EvalData = await PairsAsync("pairs-held.jsonl", files.Held, held),
            Out = Fresh(folder, "dpo"),
            Lora = new() { Rank = 16, Alpha = 32 },
            Dpo = new() { Beta = 0.1 },
            Epochs = 2,
            BatchSize = 8,
            PackTokens = 1024,
            LearningRate = 5e-4,
            WarmupSteps = 2,
            Threads = ToolCallExam.Threads,
        };
        TrainingResult result = TrainingRun.Run(options, resume: false, TimeProvider.System, progress: Progress);
        IReadOnlyDictionary<string, double> metrics = result.Summary.Metrics;
        await ExamAsync($"{WeakType} + DPO", model, result.Adapter, files.Held, before, $"shipped, {WeakType}");
        Console.WriteLine();
        BenchReport.PrintHeader("held-out pairs: right calls against what the model wrote", "before DPO", "after");
        BenchReport.PrintRow("the right calls are likelier", $"{100 * metrics["eval_chosen_likelier_first"]:0.0} %", $"{100 * metrics["eval_chosen_likelier_last"]:0.0} %");
        BenchReport.PrintRow("the adapter moved towards them (reward accuracy)", "0 (equal)", $"{100 * metrics["eval_accuracy_last"]:0.0} %");
        BenchReport.PrintRow("margin, nats × β", "0", $"{metrics["eval_margin_last"]:0.000}");
    }

    private static SftOptions Sft(string folder, string model, Files files) => new()
    {
        Model = model,
        Data = files.Conversations,
        Out = Fresh(folder, "sft"),
        Lora = new() { Rank = 32, Alpha = 64 },
        Epochs = 1,
        BatchSize = 12,
        PackTokens = 1024,
        LearningRate = 2e-3,
        WarmupSteps = 4,
        Threads = ToolCallExam.Threads,
    };

    private static GrpoRunOptions Grpo(string folder, string model, Files files) => new()
    {
        Model = model,
        Data = files.Prompts,
        Out = Fresh(folder, "grpo"),
        Lora = new() { Rank = 32, Alpha = 64 },
        Epochs = 1,
        BatchSize = 8,
        Generations = 6,
        MaxNewTokens = 96,
        PackTokens = 1024,
        LearningRate = 1e-3,
        WarmupSteps = 2,
        Rewards = new Dictionary<string, double> { ["tool_calls"] = 1, ["tool_names"] = 0.2 },
        Grpo = new() { KlBeta = 0, Variant = AgentKit.Training.Objectives.GrpoVariant.Dapo, ClipHigh = 0.28 },
        Threads = ToolCallExam.Threads,
    };

    private static string Train(RunOptions options) => TrainingRun.Run(options, resume: false, TimeProvider.System, progress: Progress).Adapter;

    private static void Progress(TrainingStep step)
    {
        string reward = step.Metrics?.TryGetValue("reward_tool_calls", out double earned) == true ? $", right calls {earned:0.00}" : "";
        Console.Error.WriteLine($"step {step.Step}: loss {step.Loss:0.0000}{reward}, {step.TokensPerSecond:0} tokens/s");
    }

    private static string Fresh(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        return path;
    }

    private static Files Write(string folder, IReadOnlyList<ToolCase> train, IReadOnlyList<ToolCase> held)
    {
        var files = new Files(
            Path.Combine(folder, "conversations.jsonl"), Path.Combine(folder, "train.jsonl"), Path.Combine(folder, "prompts.jsonl"), Path.Combine(folder, "held.jsonl"));
        File.WriteAllLines(files.Conversations, train.Select(row => row.ToConversation()));
        File.WriteAllLines(files.Train, train.Select(row => row.ToPrompt()));
        File.WriteAllLines(files.Prompts, train.Take(PromptCases).Select(row => row.ToPrompt()));
        File.WriteAllLines(files.Held, held.Select(row => row.ToPrompt()));
        return files;
    }

    /// <summary>The same cases in the shapes of the training commands.</summary>
    private sealed record Files(string Conversations, string Train, string Prompts, string Held);
}
