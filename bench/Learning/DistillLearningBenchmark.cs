using AgentKit.Models.Quantization;
using AgentKit.Training.Runs;

namespace AgentKit.Bench.Learning;

/// <summary>
/// Whether distillation takes back what quantization cost: the shipped model in F32 teaches a Q4_0 copy of it. The numbers are divergences and shares of right answers, not timings.
/// </summary>
internal static class DistillLearningBenchmark
{
    private const int Cases = 480;
    private const string Teacher = "teacher: nano in F32", Student = "student: nano in Q4_0";

    public static async Task RunAsync()
    {
        LearningCases cases = LearningCases.Read("learning-distill");
        string teacher = await CopyAsync(cases, "F32"), student = await CopyAsync(cases, "Q4_0");
        string[] rows = [.. cases.Others(Cases).Select(row => row.ToConversation())];
        Console.WriteLine(
            $"{rows.Length} conversations to learn from, once, in steps of 8; {cases.Held.Count} held out. The divergence is that of the assistant's tokens, forward, at temperature 1.");
        Console.WriteLine();
        BenchReport.PrintHeader("model", "right calls, held out", "against", "won", "lost", "p (exact McNemar)");
        bool[] best = await ToolCallExam.PrintAsync(Teacher, teacher, null, cases.HeldPrompts, null, "");
        bool[] before = await ToolCallExam.PrintAsync(Student, student, null, cases.HeldPrompts, best, Teacher);
        TrainingResult run = LearningRuns.Train(Options(cases, teacher, student, cases.Write("conversations.jsonl", rows)));
        bool[] after = await ToolCallExam.PrintAsync($"{Student}, distilled", student, run.Adapter, cases.HeldPrompts, before, Student);
        ToolCallExam.Print($"{Student}, distilled", after, best, Teacher);
        PrintDivergence(run.Summary.Metrics);
        LearningCurves.Print(cases.Folder, [("distill", "kl"), ("distill", "agreement")]);
    }

    private static async Task<string> CopyAsync(LearningCases cases, string type)
    {
        string path = Path.Combine(cases.Folder, $"nano-{type}.gguf");
        await ModelQuantizer.QuantizeAsync(cases.Model, path, type, new() { AllowRequantize = true, Overwrite = true, Threads = ToolCallExam.Threads });
        return path;
    }

    private static void PrintDivergence(IReadOnlyDictionary<string, double> metrics)
    {
        Console.WriteLine();
        BenchReport.PrintHeader("student against teacher, held-out answers", "before", "after");
        BenchReport.PrintRow("KL divergence, nats a token", $"{metrics["eval_kl_first"]:0.00000}", $"{metrics["eval_kl_last"]:0.00000}");
        BenchReport.PrintRow("same likeliest token", $"{100 * metrics["eval_agreement_first"]:0.00} %", $"{100 * metrics["eval_agreement_last"]:0.00} %");
    }

    private static DistillRunOptions Options(LearningCases cases, string teacher, string student, string data) => new()
    {
        Model = student,
        Teacher = teacher,
        Data = data,
        EvalData = cases.Write("held-conversations.jsonl", cases.Held.Select(row => row.ToConversation())),
        Out = cases.Fresh("distill"),
        Lora = new() { Rank = 16, Alpha = 32 },
        Epochs = 1,
        BatchSize = 8,
        PackTokens = 2048,
        LearningRate = 5e-4,
        WarmupSteps = 5,
        Threads = ToolCallExam.Threads,
    };
}
