using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Bench.Learning;

/// <summary>
/// Whether training teaches: the shipped model gets an adapter that was taught to refuse most requests, and from this weak start is fine-tuned on tool calls, rewarded for
/// right ones, and shown pairs; each time the same held-out cases are asked before and after. The numbers are shares of right answers, not timings.
/// </summary>
internal static class LearningBenchmark
{
    private const string Weak = "weak start";

    public static async Task RunAsync()
    {
        LearningCases cases = LearningCases.Read("learning");
        string lessons = cases.Write("conversations.jsonl", cases.Lessons.Select(row => row.ToConversation()));
        Console.WriteLine(
            $"{LearningCases.Taught} cases to learn from ({LearningCases.Prompted} for GRPO, {LearningCases.Paired} for DPO), {cases.Held.Count} held out. {LearningCases.WeakText}");
        Console.WriteLine();
        BenchReport.PrintHeader("model", "right calls, held out", "against", "won", "lost", "p (exact McNemar)");
        bool[] shipped = await ToolCallExam.PrintAsync("nano as shipped", cases.Model, null, cases.HeldPrompts, null, "");
        string weak = LearningRuns.TrainWeak(cases);
        bool[] before = await ToolCallExam.PrintAsync(Weak, cases.Model, weak, cases.HeldPrompts, shipped, "nano as shipped");
        string sft = LearningRuns.Train(LearningRuns.Sft(cases, "sft", lessons, weak)).Adapter;
        await ToolCallExam.PrintAsync($"{Weak} + SFT", cases.Model, sft, cases.HeldPrompts, before, Weak);
        string grpo = LearningRuns.Train(Grpo(cases, weak)).Adapter;
        await ToolCallExam.PrintAsync($"{Weak} + GRPO", cases.Model, grpo, cases.HeldPrompts, before, Weak);
        TrainingResult dpo = await PreferAsync(cases, weak);
        await ToolCallExam.PrintAsync($"{Weak} + DPO", cases.Model, dpo.Adapter, cases.HeldPrompts, before, Weak);
        PrintPreferences(dpo.Summary.Metrics);
        LearningCurves.Print(cases.Folder, [("weak", LearningCurves.Loss), ("sft", LearningCurves.Loss), ("grpo", LearningCurves.Earned), ("dpo", LearningCurves.Loss)]);
    }

    /// <summary>Pairs of the right calls with what the model wrote instead, where it erred.</summary>
    private static async Task<TrainingResult> PreferAsync(LearningCases cases, string weak)
    {
        async Task<string> PairsAsync(string name, string prompts, IReadOnlyList<ToolCase> asked)
        {
            Answer[] answers = await ToolCallExam.AskAsync(cases.Model, weak, prompts);
            bool[] right = await ToolCallExam.MarkAsync(prompts, answers);
            IEnumerable<int> wrong = Enumerable.Range(0, asked.Count).Where(i => !right[i] && (answers[i].Calls.Count > 0 || answers[i].Content.Length > 0));
            return cases.Write(name, wrong.Select(i => asked[i].ToPair(ToolCallExam.ToMessage(answers[i]))));
        }

        ToolCase[] train = cases.Lessons[..LearningCases.Paired];
        PreferenceRunOptions options = new()
        {
            Model = cases.Model,
            Adapter = weak,
            Data = await PairsAsync("pairs-train.jsonl", cases.Write("train.jsonl", train.Select(row => row.ToPrompt())), train),
            EvalData = await PairsAsync("pairs-held.jsonl", cases.HeldPrompts, cases.Held),
            Out = cases.Fresh("dpo"),
            Dpo = new() { Beta = 0.1 },
            Epochs = 1,
            BatchSize = 8,
            PackTokens = 2048,
            LearningRate = 3e-4,
            WarmupSteps = 2,
            Threads = ToolCallExam.Threads,
        };
        return LearningRuns.Train(options);
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

    private static GrpoRunOptions Grpo(LearningCases cases, string adapter) => new()
    {
        Model = cases.Model,
        Adapter = adapter,
        Data = cases.Prompts,
        Out = cases.Fresh("grpo"),
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
}
