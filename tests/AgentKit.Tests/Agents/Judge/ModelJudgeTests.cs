using AgentKit.Agents.Judge;
using AgentKit.Kernel.Errors;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Agents.Judge;

public class ModelJudgeTests
{
    [Theory]
    [InlineData("[[A]]", "[[B]]", Verdict.First, true)]
    [InlineData("[[B]]", "[[A]]", Verdict.Second, true)]
    [InlineData("[[A]]", "[[A]]", Verdict.Tie, false)]
    [InlineData("[[C]]", "[[C]]", Verdict.Tie, true)]
    [InlineData("Both are fine.", "[[A]]", Verdict.Tie, false)]
    [InlineData("First [[B]], but no: [[A]]", "B.", Verdict.First, true)]
    public async Task CompareAsync_BothOrders_AgreeOrTie(string inOrder, string swapped, Verdict expected, bool consistent)
    {
        var model = new ScriptedModel(ScriptedReply.Text(inOrder), ScriptedReply.Text(swapped));
        PairJudgment judgment = await new ModelJudge(model).CompareAsync("question", "one", "two");
        Assert.Equal((expected, consistent), (judgment.Verdict, judgment.IsConsistent));
        Assert.True(model.Requests[0][1].Text.IndexOf("one", StringComparison.Ordinal) < model.Requests[0][1].Text.IndexOf("two", StringComparison.Ordinal));
        Assert.True(model.Requests[1][1].Text.IndexOf("two", StringComparison.Ordinal) < model.Requests[1][1].Text.IndexOf("one", StringComparison.Ordinal));
        Assert.All(model.Options, options => Assert.Equal((0f, 1234L), (options!.Temperature, options.Seed)));
    }

    [Theory]
    [InlineData("A tie, I think", null)]
    [InlineData("(B)", Verdict.Second)]
    [InlineData("Answer A is better.", Verdict.First)]
    [InlineData("[C]", Verdict.Tie)]
    [InlineData("Brilliant", null)]
    public void Read_OfAVerdict_FindsItOrNothing(string text, Verdict? expected) => Assert.Equal(expected, ModelJudge.Read(text));

    [Fact]
    public async Task CompareAsync_WithReference_ShowsItToTheJudge()
    {
        var model = new ScriptedModel(_ => ScriptedReply.Text("[[A]]"));
        await new ModelJudge(model).CompareAsync("2 + 2?", "5", "4", reference: "the sum is four");
        Assert.All(model.Requests, request => Assert.Contains("# Reference answer\nthe sum is four", request[1].Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ScoreAsync_WithProbabilities_WeighsThePoints()
    {
        var reader = new Reader([("4", Math.Log(0.5)), ("3", Math.Log(0.25)), (" 4", Math.Log(0.05)), ("x", Math.Log(0.1)), ("9", Math.Log(0.1))]);
        RubricJudgment judgment = await new ModelJudge(new ScriptedModel(ScriptedReply.Text("4")), scores: reader).ScoreAsync("question", "answer");
        Assert.Equal(4, judgment.Written);
        Assert.Equal((4 * 0.55 + 3 * 0.25) / 0.8, judgment.Score, 12);
        Assert.Equal(0.8, judgment.Covered, 12);
    }

    [Fact]
    public async Task ScoreAsync_WithoutProbabilities_IsTheWrittenPoint()
    {
        RubricJudgment judgment = await new ModelJudge(new ScriptedModel(ScriptedReply.Text("It is good. Score: 3")), new() { Explain = true }).ScoreAsync("question", "answer");
        Assert.Equal((3.0, 0), (judgment.Score, judgment.Probabilities.Count));
    }

    [Theory]
    [InlineData("very good")]
    [InlineData("7")]
    [InlineData("10")]
    public async Task ScoreAsync_NoPointOfTheScale_IsTheModelsFault(string text) =>
        await Assert.ThrowsAsync<ModelOutputException>(() => new ModelJudge(new ScriptedModel(ScriptedReply.Text(text))).ScoreAsync("question", "answer"));

    private sealed class Reader((string Text, double LogProbability)[] token) : IScoreReader
    {
        public ChatOptions Request(ChatOptions options) => options;

        public IReadOnlyList<IReadOnlyList<(string Text, double LogProbability)>> Read(ChatResponse response) => [token];
    }
}
