using System.Text.Json;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Answers;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval.Tasks;

public class AnswerTaskTests
{
    [EvalDataTheory("gsm8k/example_model_solutions.jsonl")]
    [InlineData("6b_finetuning", 286)]
    [InlineData("6b_verification", 515)]
    [InlineData("175b_finetuning", 458)]
    [InlineData("175b_verification", 742)]
    public async Task Grade_PublishedGsm8kSolutions_AgreesWithEveryVerdict(string column, int correct)
    {
        EvalTask task = TaskCatalog.Find("gsm8k");
        IReadOnlyList<EvalSample> samples = task.Load(TaskData.Directory(EvalData.PathOf(".")!));
        string[] lines = EvalData.Lines("gsm8k/example_model_solutions.jsonl");
        Assert.Equal((1319, 1319), (samples.Count, lines.Length));
        int right = 0, agreed = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            JsonElement solution = JsonSerializer.Deserialize<JsonElement>(lines[i]).GetProperty(column);
            SampleGrade grade = await task.GradeAsync(samples[i], new() { Texts = [solution.GetProperty("solution").GetString()!] });
            bool graded = grade.Metrics["strict_match"] == 1;
            right += graded ? 1 : 0;
            agreed += graded == solution.GetProperty("is_correct").GetBoolean() ? 1 : 0;
        }

        Assert.Equal((1319, correct), (agreed, right));
    }

    [Theory]
    [InlineData("so 3 + 4 = 7\n#### 7", "7")]
    [InlineData("The answer is **1,250**.", "1,250")]
    [InlineData("A: $18\n\nor so", "$18")]
    [InlineData("#### 5\nNo: #### 6", "6")]
    [InlineData("no number at all", null)]
    public void Marked_OfATextWithMarks_IsTheLastMarkedNumber(string text, string? expected) =>
        Assert.Equal(expected, NumberAnswer.Marked(text)?.TrimEnd('.'));

    [Theory]
    [InlineData("$1,000.00", "1000", true)]
    [InlineData("18.", "18", true)]
    [InlineData("-3", "3", false)]
    [InlineData(".", "0", false)]
    [InlineData(null, "0", false)]
    [InlineData("1.5.2", "1.5", false)]
    public void AreEqual_OfNumbers_ComparesValues(string? one, string other, bool expected) =>
        Assert.Equal(expected, NumberAnswer.AreEqual(one, other));

    [Theory]
    [InlineData("Let us see. So the answer is (B).", "(B)", true)]
    [InlineData("So the answer is B.", "(B)", true)]
    [InlineData("So the answer is (B) the lamp.", "(B)", true)]
    [InlineData("So the answer is (C).", "(B)", false)]
    [InlineData("So the answer is No.\n\nQ: next", "No", true)]
    [InlineData("So the answer is ] ) >.", "] ) >", true)]
    [InlineData("thinking\nTrue", "True", true)]
    [InlineData("So the answer is yes. So the answer is no.", "no", true)]
    public void AreEqual_OfConclusions_FindsTheAnswer(string text, string right, bool expected) =>
        Assert.Equal(expected, ConclusionAnswer.AreEqual(ConclusionAnswer.Find(text), right));

    [Fact]
    public async Task Grade_HotpotAnswer_CountsTheFirstLine()
    {
        EvalTask task = TaskCatalog.Find("hotpotqa");
        EvalSample sample = task.Load(TaskData.Samples)[0];
        Assert.Contains("Passage: Osterby", sample.Question, StringComparison.Ordinal);
        SampleGrade grade = await task.GradeAsync(sample, new() { Texts = ["the Arrel\nQuestion: more"] });
        Assert.Equal((1.0, 1.0), (grade.Metrics["f1"], grade.Metrics["exact_match"]));
    }

    [EvalDataFact("bbh/bbh/navigate.json")]
    public void Load_BigBenchHard_LeavesTheCanaryOutOfThePrompts()
    {
        IReadOnlyList<EvalSample> samples = TaskCatalog.Find("bbh").Load(TaskData.Directory(EvalData.PathOf(".")!));
        Assert.Equal(27, samples.Select(sample => sample.Group).Distinct().Count());
        Assert.All(samples, sample => Assert.DoesNotContain("canary", sample.Preamble, StringComparison.OrdinalIgnoreCase));
    }
}
