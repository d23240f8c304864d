using System.Text.Json;
using AgentKit.Cli.Eval;
using AgentKit.Eval.Contamination;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;
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
    public async Task Command_JsonArrayOnALine_IsReadLikeAnObject()
    {
        using var folder = new ScratchFolder();
        string file = folder.Write("train.jsonl", "\uFEFF" + """
            [{"role":"user","content":"Lena has 3 boxes\nwith 4 pens each.\nShe gives away 5 pens."}]
            ["Lena has 3 boxes", "with 4 pens each", "She gives away 5 pens"]

            """);
        CliRun run = await CliRun.OfAsync("eval", "contamination", file, "--task", "gsm8k", "--samples", "--words", "8", "--json", "--data", folder["home"]);
        JsonElement found = JsonSerializer.Deserialize<JsonElement>(run.Out);
        Assert.Equal((1, 2), (found.GetProperty("contaminated").GetInt32(), found.GetProperty("documents").GetInt32()));
        Assert.Equal(1, found.GetProperty("found")[0].GetProperty("document").GetInt32());
    }

    [Fact]
    public void Stream_FaultFarBehind_ComesWhenItIsReached()
    {
        using var folder = new ScratchFolder();
        byte[] good = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\r\n")));
        IEnumerable<string> lines = SegmentFile.Stream("FILE", folder.Write("long.txt", [.. good, 0xFF]));
        Assert.Equal(["line 0", "line 1"], lines.Take(2));
        UserInputException e = Assert.Throws<UserInputException>(() => lines.Count());
        Assert.Matches("long.txt: a byte behind line 4[0-9]{4} is not UTF-8", e.Message);
        Assert.Contains("is empty", Assert.Throws<UserInputException>(() => SegmentFile.Stream("FILE", folder.Write("none.txt", "")).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_QuestionShorterThanTheRun_IsNotFlagged() =>
        Assert.Empty(ContaminationCheck.Find([new("x", "one two")], ["one two three"], words: 3));
}
