using System.Text.Json;
using AgentKit.Eval.Contamination;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public class ContaminationTests
{
    [EvalDataTheory("gsm8k/train.jsonl")]
    [InlineData(8, 77)]
    [InlineData(10, 9)]
    [InlineData(13, 3)]
    public void Find_Gsm8kTrainAgainstTest_FlagsTheKnownNumber(int words, int expected)
    {
        IReadOnlyList<EvalSample> samples = TaskCatalog.Find("gsm8k").Load(TaskData.Directory(EvalData.PathOf(".")!));
        IEnumerable<string> questions = EvalData.Lines("gsm8k/train.jsonl")
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("question").GetString()!);
        Assert.Equal(expected, ContaminationCheck.Find(samples, questions, words).Count);
    }

    [Fact]
    public void Find_QuestionInADocument_TellsWhereAndHowMuch()
    {
        EvalSample[] samples = [new("x", "one two three four five six"), new("y", "seven eight nine ten eleven")];
        ContaminatedSample found = Assert.Single(
            ContaminationCheck.Find(samples, ["nothing", "He said: TWO, three -- four! And more."], words: 3));
        Assert.Equal(("x", "two three four", 2), (found.Id, found.Run, found.Document));
        Assert.Equal(0.5, found.Coverage, 12);
    }

    [Fact]
    public void Find_QuestionShorterThanTheRun_IsNotFlagged() =>
        Assert.Empty(ContaminationCheck.Find([new("x", "one two")], ["one two three"], words: 3));
}
