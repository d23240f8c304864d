using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval.Tasks;

public class ChoiceTaskTests
{
    [Fact]
    public async Task Grade_AllWaysToCount_MayChooseDifferently()
    {
        EvalTask task = TaskCatalog.Find("arc_easy");
        EvalSample sample = new("1", "Q") { Choices = [new("no"), new("äöü"), new("certainly so")], Gold = [1] };
        ContinuationScore[] scores = [new([-2.0], true), new([-1.5, -1.5], false), new([-1.4, -1.4, -1.4], false)];
        SampleGrade grade = await task.GradeAsync(sample, new() { Scores = scores });
        // Whole: -2 (no). By character: -1, -1, -0.35; by byte -1, -0.5, -0.35; by token: -2, -1.5, -1.4 (certainly so).
        Assert.Equal([0, 0, 0, 0], grade.Metrics.Values);
        Assert.Equal("certainly so", grade.Prediction);
        SampleGrade other = await task.GradeAsync(sample with { Gold = [2] }, new() { Scores = scores });
        Assert.Equal([0, 1, 1, 1], other.Metrics.Values);
        double[] weights = [.. scores.Select(score => Math.Exp(score.LogLikelihood))];
        Assert.Equal(weights[0] / weights.Sum(), grade.Confidence!.Value, 12);
    }

    [Fact]
    public async Task Grade_EndingsWithTheSameBeginning_AreComparedFromWhereTheyPartForLlama()
    {
        EvalTask task = TaskCatalog.Find("hellaswag");
        EvalSample sample = new("1", "He") { Choices = [new("runs on and on"), new("runs away")], Gold = [0] };
        // With the first token: -4/4 and -1.8/2; without it: -3.5/3 and -1.3/1.
        ContinuationScore[] scores =
        [
            new([-0.5, -1.5, -1, -1], false) { Tokens = [7, 1, 2, 1] },
            new([-0.5, -1.3], false) { Tokens = [7, 3] },
        ];
        SampleGrade grade = await task.GradeAsync(sample, new() { Scores = scores });
        Assert.Equal((0.0, 1.0), (grade.Metrics["acc_token"], grade.Metrics["acc_llama"]));
    }

    [Fact]
    public async Task Answer_PlainPrompt_ScoresEveryChoiceAfterTheSameText()
    {
        EvalTask task = TaskCatalog.Find("arc_easy");
        EvalSample sample = task.Load(TaskData.Samples)[0];
        var subject = new ScriptedSubject();
        await task.AnswerAsync(sample, task.Render(sample, [], chat: false), subject);
        Assert.Equal([" the Moon", " the Sun", " a mirror", " a window"], subject.Scored.Select(request => request.Continuation));
        Assert.All(subject.Scored, request =>
            Assert.Equal("Question: Which of these gives off its own light?\nAnswer:", request.Prompt.Text));
    }

    [Fact]
    public async Task Answer_ChatPrompt_HasExamplesAsTurnsAndNoLeadingSpace()
    {
        EvalTask task = TaskCatalog.Find("mmlu");
        IReadOnlyList<EvalSample> samples = task.Load(TaskData.Samples);
        var subject = new ScriptedSubject { IsChat = true };
        EvalPrompt prompt = task.Render(samples[0], [samples[1]], chat: true);
        await task.AnswerAsync(samples[0], prompt, subject);
        Assert.Equal(["system", "user", "assistant", "user"], prompt.Messages.Select(message => message.Role.Value));
        Assert.Equal("C", prompt.Messages[2].Text);
        Assert.Equal(["A", "B", "C", "D"], subject.Scored.Select(request => request.Continuation));
    }

    [Fact]
    public async Task Answer_TextThatIsContinued_NeverBecomesAChat()
    {
        EvalTask task = TaskCatalog.Find("winogrande");
        EvalSample sample = task.Load(TaskData.Samples)[0];
        var subject = new ScriptedSubject { IsChat = true };
        SampleAnswer answer = await task.AnswerAsync(sample, task.Render(sample, [], chat: true), subject);
        Assert.All(subject.Scored, request => Assert.False(request.Prompt.IsChat));
        Assert.Equal("The cup did not fit into the box because the box", subject.Scored[1].Prompt.Text);
        SampleGrade grade = await task.GradeAsync(sample, answer);
        Assert.Equal(["acc", "acc_norm", "acc_bytes", "acc_token", "acc_llama"], grade.Metrics.Keys);
    }

    [Fact]
    public async Task Grade_WithoutTheLastToken_IsLlamaPerplexitysWayForBlanks()
    {
        EvalTask task = TaskCatalog.Find("winogrande");
        EvalSample sample = new("1", "a _ b") { Choices = [new("x"), new("y")], Gold = [1] };
        SampleGrade grade = await task.GradeAsync(sample, new() { Scores = [new([-1, -1, -1], false), new([-0.5, -0.5, -9], false)] });
        Assert.Equal((0.0, 1.0), (grade.Metrics["acc_token"], grade.Metrics["acc_llama"]));
    }

    [Fact]
    public async Task Grade_SeveralRightAnswers_CountsTheirShareOfProbability()
    {
        EvalTask task = TaskCatalog.Find("truthfulqa_mc2");
        EvalSample sample = new("1", "Q") { Choices = [new("a"), new("b"), new("c")], Gold = [0, 1] };
        SampleGrade grade = await task.GradeAsync(
            sample, new() { Scores = [new([Math.Log(0.1)], false), new([Math.Log(0.2)], false), new([Math.Log(0.3)], false)] });
        Assert.Equal(0.5, grade.Metrics["mc2"], 12);
    }

    [Fact]
    public async Task Grade_LastWord_IsRightWhenTheModelWouldWriteIt()
    {
        EvalTask task = TaskCatalog.Find("lambada");
        EvalSample sample = task.Load(TaskData.Samples)[0];
        Assert.Equal("keys", Assert.Single(sample.Choices).Text);
        SampleGrade grade = await task.GradeAsync(sample, new() { Scores = [new([-0.1, -0.2], true)] });
        Assert.Equal(1, grade.Metrics["acc"]);
        Assert.Equal(-0.3, grade.Metrics["log_likelihood"], 12);
    }
}
