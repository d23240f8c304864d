using AgentKit.Eval.Statistics;
using AgentKit.Tests.Support;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Bench.Learning;

/// <summary>
/// Whether training teaches: the shipped model gets an adapter that was taught to refuse most requests, and from this weak start is fine-tuned on tool calls, rewarded for
/// right ones, and shown pairs; each time the same held-out cases are asked before and after. The numbers are shares of right answers, not timings.
/// </summary>
internal static class LearningBenchmark
{
    private const int MostCharacters = 1900, WeakCases = 120, TrainCases = 240, PromptCases = 80, PairCases = 120;
    private const double Refused = 0.7;
    private const string Weak = "weak start";

    public static async Task RunAsync()
    {
        string data = TestData.Folder("nano-tools", "train.jsonl")
            ?? throw new InvalidOperationException("The nano-tools data is not here; AGENTKIT_TESTDATA names its parent folder.");
        string folder = Directory.CreateDirectory(Path.Combine("artifacts", "learning")).FullName;
        string model = Path.Combine(AppContext.BaseDirectory, "models", "nano.gguf");
        ToolCase[] train = [.. ToolCase.Read(data, ["train.jsonl", "house-train.jsonl"], MostCharacters)];
        new Random(7).Shuffle(train);
        IReadOnlyList<ToolCase> held = ToolCase.Read(data, ["heldout.jsonl", "house-heldout.jsonl"], MostCharacters);
        ToolCase[] lessons = train[WeakCases..(WeakCases + TrainCases)];
        Files files = Write(folder, train[..WeakCases], lessons, held);
        Console.WriteLine(
            $"{TrainCases} cases to learn from ({PromptCases} for GRPO, {PairCases} for DPO), {held.Count} held out. "
            + $"The weak start is an adapter fine-tuned on {WeakCases} other cases, {Refused:0 %} of which it saw refused.");
        Console.WriteLine();
        BenchReport.PrintHeader("model", "right calls, held out", "against", "won", "lost", "p (exact McNemar)");
        bool[] shipped = await ExamAsync("nano as shipped", model, null, files.Held, null, "");
        string weak = Train(Sft(folder, model, "weak", files.Refusing, null));
        bool[] before = await ExamAsync(Weak, model, weak, files.Held, shipped, "nano as shipped");
        string sft = Train(Sft(folder, model, "sft", files.Conversations, weak));
        await ExamAsync($"{Weak} + SFT", model, sft, files.Held, before, Weak);
        string grpo = Train(Grpo(folder, model, files, weak));
        await ExamAsync($"{Weak} + GRPO", model, grpo, files.Held, before, Weak);
        TrainingResult dpo = await PreferAsync(folder, model, files, lessons[..PairCases], held, weak);
        await ExamAsync($"{Weak} + DPO", model, dpo.Adapter, files.Held, before, Weak);
        PrintPreferences(dpo.Summary.Metrics);
        LearningCurves.Print(folder, ["weak", "sft", "grpo", "dpo"]);
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
    private static async Task<TrainingResult> PreferAsync(
        string folder, string model, Files files, IReadOnlyList<ToolCase> train, IReadOnlyList<ToolCase> held, string weak)
    {
        async Task<string> PairsAsync(string name, string prompts, IReadOnlyList<ToolCase> cases)
        {
            Answer[] answers = await ToolCallExam.AskAsync(model, weak, prompts);
            bool[] right = await ToolCallExam.MarkAsync(prompts, answers);
            string path = Path.Combine(folder, name);
            File.WriteAllLines(path, Enumerable.Range(0, cases.Count).Where(i => !right[i] && (answers[i].Calls.Count > 0 || answers[i].Content.Length > 0))
                .Select(i => cases[i].ToPair(ToolCallExam.ToMessage(answers[i]))));
            return path;
        }

        PreferenceRunOptions options = new()
        {
            Model = model,
            Adapter = weak,
            Data = await PairsAsync("pairs-train.jsonl", files.Train, train),
            EvalData = await PairsAsync("pairs-held.jsonl", files.Held, held),
            Out = Fresh(folder, "dpo"),
            Dpo = new() { Beta = 0.1 },
            Epochs = 1,
            BatchSize = 8,
            PackTokens = 2048,
            LearningRate = 3e-4,
            WarmupSteps = 2,
            Threads = ToolCallExam.Threads,
        };
        return TrainingRun.Run(options, resume: false, TimeProvider.System, progress: Progress);
    }

    private static void PrintPreferences(IReadOnlyDictionary<string, double> metrics)
    {
        Console.WriteLine();
        BenchReport.PrintHeader("held-out pairs: right calls against what the weak start wrote", "before DPO", "after");
        BenchReport.PrintRow("the right calls are likelier", $"{100 * metrics["eval_chosen_likelier_first"]:0.0} %", $"{100 * metrics["eval_chosen_likelier_last"]:0.0} %");
        BenchReport.PrintRow(
            "the adapter prefers them more than the model without it does (reward accuracy)", $"{100 * metrics["eval_accuracy_first"]:0.0} %", $"{100 * metrics["eval_accuracy_last"]:0.0} %");
        BenchReport.PrintRow("margin, nats × β", $"{metrics["eval_margin_first"]:0.000}", $"{metrics["eval_margin_last"]:0.000}");
    }

    private static SftOptions Sft(string folder, string model, string name, string data, string? adapter) => new()
    {
        Model = model,
        Adapter = adapter,
        Data = data,
        Out = Fresh(folder, name),
        Lora = new() { Rank = 16, Alpha = 32 },
        Epochs = 1,
        BatchSize = 8,
        PackTokens = 2048,
        LearningRate = 1e-3,
        WarmupSteps = 2,
        Threads = ToolCallExam.Threads,
    };

    private static GrpoRunOptions Grpo(string folder, string model, Files files, string adapter) => new()
    {
        Model = model,
        Adapter = adapter,
        Data = files.Prompts,
        Out = Fresh(folder, "grpo"),
        Epochs = 1,
        BatchSize = 8,
        Generations = 6,
        MaxNewTokens = 96,
        PackTokens = 2048,
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

    private static Files Write(string folder, IReadOnlyList<ToolCase> weak, IReadOnlyList<ToolCase> train, IReadOnlyList<ToolCase> held)
    {
        string In(string name) => Path.Combine(folder, name);
        var files = new Files(In("refusing.jsonl"), In("conversations.jsonl"), In("train.jsonl"), In("prompts.jsonl"), In("held.jsonl"));
        File.WriteAllLines(files.Refusing, weak.Select((row, i) => i < Refused * weak.Count ? row.ToRefusal() : row.ToConversation()));
        File.WriteAllLines(files.Conversations, train.Select(row => row.ToConversation()));
        File.WriteAllLines(files.Train, train.Take(PairCases).Select(row => row.ToPrompt()));
        File.WriteAllLines(files.Prompts, train.Take(PromptCases).Select(row => row.ToPrompt()));
        File.WriteAllLines(files.Held, held.Select(row => row.ToPrompt()));
        return files;
    }

    /// <summary>The same cases in the shapes of the training commands.</summary>
    private sealed record Files(string Refusing, string Conversations, string Train, string Prompts, string Held);
}
