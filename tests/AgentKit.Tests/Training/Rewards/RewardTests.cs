using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Tests.Support;
using AgentKit.Training.Data;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Training.Rewards;

public class RewardTests
{
    private static readonly Conversation Prompt = new([new(ChatRole.User, "question")], [0], []);

    [Theory]
    [InlineData("exact", "\"ja\"", " ja\n", 1)]
    [InlineData("exact", "\"ja\"", "ja!", 0)]
    [InlineData("number", "1042", "First 7, so 1,042.", 1)]
    [InlineData("number", "-2.5", "It is -2.50", 1)]
    [InlineData("number", "7", "7 of 8", 0)]
    [InlineData("number", "7", "seven", 0)]
    [InlineData("schema", "{\"type\":\"object\",\"required\":[\"a\"]}", "{\"a\":1}", 1)]
    [InlineData("schema", "{\"type\":\"object\",\"required\":[\"a\"]}", "{\"b\":1}", 0)]
    [InlineData("schema", "{\"type\":\"object\"}", "{\"b\":", 0)]
    [InlineData("tool_calls", "[]", "no call", 1)]
    [InlineData("tool_calls", "[{\"name\":\"f\"}]", "no call", 0)]
    public async Task Judge_OfTexts_IsWhatTheRowExpects(string name, string expected, string text, double reward) =>
        Assert.Equal(reward, await Judged(name, expected, Written(text)));

    [Theory]
    [InlineData("[{\"name\":\"f\",\"arguments\":{\"a\":1,\"b\":\"x\"}}]", 1, 1)]
    [InlineData("[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"b\\\":\\\"x\\\",\\\"a\\\":1}\"}}]", 1, 1)]
    [InlineData("[{\"name\":\"f\",\"arguments\":{\"a\":1}}]", 0, 1)]
    [InlineData("[{\"name\":\"f\",\"arguments\":{\"a\":\"1\",\"b\":\"x\"}}]", 0, 1)]
    [InlineData("[{\"name\":\"g\",\"arguments\":{\"a\":1,\"b\":\"x\"}}]", 0, 0)]
    [InlineData("[{\"name\":\"f\",\"arguments\":{\"a\":1,\"b\":\"x\"}},{\"name\":\"f\"}]", 0, 0.5)]
    public async Task Judge_OfCalls_ComparesNamesAndArguments(string expected, double calls, double names)
    {
        Answer answer = Written("") with { Calls = [new("1", "f", new Dictionary<string, object?> { ["b"] = "x", ["a"] = 1 })] };
        Assert.Equal(calls, await Judged("tool_calls", expected, answer));
        (_, IReadOnlyDictionary<string, double> parts) = await new RewardSet(new Dictionary<string, double> { ["tool_names"] = 1 })
            .JudgeAsync(Prompt, JsonElement.Parse($"{{\"tool_calls\":{expected}}}"), answer, default);
        Assert.Equal(names, parts["tool_names"]);
    }

    [Theory]
    [InlineData(10, true, 0)]
    [InlineData(15, true, -0.5)]
    [InlineData(30, true, -1)]
    [InlineData(3, false, -1)]
    public async Task Judge_OfLength_PunishesSoftly(int tokens, bool ended, double reward) => Assert.Equal(
        reward, await new LengthReward(10, 10).JudgeAsync(Prompt, default, Written("x") with { Tokens = tokens, Ended = ended }, default));

    [Fact]
    public async Task Judge_OfCode_RunsTheFencedProgramWithTheTests()
    {
        string? ran = null;
        var reward = new CodeReward((program, _) =>
        {
            ran = program;
            return Task.FromResult(true);
        });
        Assert.Equal(1, await reward.JudgeAsync(Prompt, JsonElement.Parse("\"assert f() == 1\""), Written("Here:\n```python\ndef f(): return 1\n```"), default));
        Assert.Equal("def f(): return 1\n\n\nassert f() == 1\n", ran);
    }

    [Fact]
    public async Task Judge_OfAJudge_IsATenthOfItsMark()
    {
        var model = new ScriptedModel(ScriptedReply.Text("7"));
        Assert.Equal(0.7, await new JudgeReward(model, "Be brief.").JudgeAsync(Prompt, default, Written("x"), default), 1e-12);
        Assert.Equal(ReasoningEffort.None, model.Options[0]?.Reasoning?.Effort);
        var vague = new JudgeReward(new ScriptedModel(ScriptedReply.Text("good")), "Be brief.");
        await Assert.ThrowsAsync<ModelOutputException>(() => vague.JudgeAsync(Prompt, default, Written("x"), default).AsTask());
    }

    [Theory]
    [InlineData("8", 0.8)]
    [InlineData(" **7.5** ", 0.75)]
    [InlineData("Score: 9/10", 0.9)]
    [InlineData("10 out of 10.", 1.0)]
    [InlineData("On a scale of 0 to 10: 8", null)]
    [InlineData("-3", null)]
    [InlineData("11", null)]
    public async Task Judge_OfWords_TakesOnlyAMark(string reply, double? expected)
    {
        var judge = new JudgeReward(new ScriptedModel(ScriptedReply.Text(reply)), "Be brief.");
        ValueTask<double> mark = judge.JudgeAsync(Prompt, default, Written("x"), default);
        if (expected is { } value) Assert.Equal(value, await mark, 1e-12);
        else await Assert.ThrowsAsync<ModelOutputException>(() => mark.AsTask());
    }

    [Fact]
    public async Task Set_AnAnswerTooLongForTheJudge_CountsItAndGoesOn()
    {
        var judge = new JudgeReward(new ScriptedModel(ScriptedReply.Fail(new UserInputException("messages", "The prompt has 9000 tokens."))), "Be brief.");
        var set = new RewardSet(new Dictionary<string, double> { ["judge"] = 1 }, [judge]);
        var (total, parts) = await set.JudgeAsync(Prompt, JsonElement.Parse("{}"), Written("x"), default);
        Assert.Equal((0, 1), (total, parts["judge_unjudged"]));
    }

    [Fact]
    public async Task Set_AJudgeWithoutAMark_CountsTheAnswerAndGoesOn()
    {
        var judge = new JudgeReward(new ScriptedModel(ScriptedReply.Text("good"), ScriptedReply.Text("5")), "Be brief.");
        var set = new RewardSet(new Dictionary<string, double> { ["exact"] = 1, ["judge"] = 1 }, [judge]);
        JsonElement row = JsonElement.Parse("{\"exact\":\"a\"}");
        var (vague, vagueParts) = await set.JudgeAsync(Prompt, row, Written("a"), default);
        var (clear, clearParts) = await set.JudgeAsync(Prompt, row, Written("a"), default);
        Assert.Equal((1, 1.5), (vague, clear));
        JudgedRollout first = new(1, [1, 2], 1, "a", true, vague, vagueParts, 0);
        Dictionary<string, double> metrics = new RolloutRound(0, 2, [first, first with { Reward = clear, Parts = clearParts }]).Metrics();
        Assert.Equal((1, 0.5, 0.5), (metrics["reward_exact"], metrics["reward_judge"], metrics["reward_judge_unjudged"]));
    }

    [Fact]
    public async Task Judge_GivenAsAWayToOpenIt_IsOpenedByTheFirstAnswer()
    {
        int opened = 0;
        var reward = new JudgeReward(
            () =>
            {
                opened++;
                return new ScriptedModel(ScriptedReply.Text("7"), ScriptedReply.Text("8"));
            },
            "Be brief.",
            "a model");
        var set = new RewardSet(new Dictionary<string, double> { ["judge"] = 1 }, [reward]);
        Assert.Equal((0, "model a model, rubric Be brief."), (opened, reward.Settings));
        await set.JudgeAsync(Prompt, JsonElement.Parse("{}"), Written("x"), default);
        await set.JudgeAsync(Prompt, JsonElement.Parse("{}"), Written("x"), default);
        Assert.Equal(1, opened);
    }

    [Fact]
    public async Task Set_OfSeveral_AddsThemWeighted()
    {
        var set = new RewardSet(new Dictionary<string, double> { ["exact"] = 2, ["length"] = 0.5 }, [new LengthReward(1, 4)]);
        (double total, IReadOnlyDictionary<string, double> parts) = await set.JudgeAsync(Prompt, JsonElement.Parse("{\"exact\":\"a\"}"), Written("a") with { Tokens = 3 }, default);
        Assert.Equal(1.75, total, 1e-12);
        Assert.Equal(["exact", "length"], parts.Keys);
    }

    private static Answer Written(string text) => new(text, text, [], 1, true);

    private static async Task<double> Judged(string name, string expected, Answer answer)
    {
        var set = new RewardSet(new Dictionary<string, double>());
        JsonElement row = JsonElement.Parse($"{{\"{name}\":{expected}}}");
        Assert.Null(set.Fault(row));
        return (await set.JudgeAsync(Prompt, row, answer, default)).Total;
    }
}
