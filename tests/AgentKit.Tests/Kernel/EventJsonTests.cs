using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Tests.Memory;

namespace AgentKit.Tests.Kernel;

public class EventJsonTests
{
    public static TheoryData<int> Events => [.. Enumerable.Range(0, SomeRun.EveryMember.Count)];

    [Theory]
    [MemberData(nameof(Events))]
    public void Read_WhatWasWritten_IsTheSameEvent(int index)
    {
        AgentEvent e = SomeRun.EveryMember[index];
        string json = EventJson.Write(e);
        AgentEvent read = EventJson.Read("test", EventJson.Schema, json);
        Assert.Equal(e.GetType(), read.GetType());
        Assert.Equal(json, EventJson.Write(read));
    }

    [Fact]
    public void EveryKind_OfAJournaledEvent_IsInTheSample() => Assert.Equal(
        typeof(AgentEvent).GetNestedTypes().Where(t => t != typeof(AgentEvent.TextDelta)).Select(t => t.Name).Order(),
        SomeRun.EveryKind.Select(e => e.GetType().Name).Distinct().Order());

    [Fact]
    public void Read_EventOfSchemaOne_TakesTheCarefulDefaultForWhatItDoesNotSay()
    {
        var started = (AgentEvent.ToolStarted)EventJson.Read(
            "test", 1, """{"type":"tool_started","call":{"id":"c","name":"send","arguments":{}},"key":"0f","step":2}""");
        Assert.Equal(ToolReplay.Unsafe, started.Replay);
    }

    [Fact]
    public void Write_ToolStarted_IsTheDocumentedForm() => Assert.Equal(
        """{"type":"tool_started","call":{"id":"c","name":"send","arguments":null},"key":"0f","replay":"idempotent","step":2}""",
        EventJson.Write(new AgentEvent.ToolStarted(2, new ToolCall("c", "send", null), "0f", ToolReplay.Idempotent)));

    [Fact]
    public void Write_ToolCompleted_IsTheDocumentedForm() => Assert.Equal(
        """{"type":"tool_completed","call":{"id":"call_1","name":"add","arguments":{"a":347,"b":518}}"""
        + ""","result":"½ ✓","error":null,"milliseconds":1.5,"fault":null,"step":2}""",
        EventJson.Write(new AgentEvent.ToolCompleted(2, SomeRun.Call, "½ ✓", null, 1.5)));

    [Theory]
    [InlineData(0, """{"type":"text_delta","step":1,"text":"x"}""", "schema 0")]
    [InlineData(4, """{"type":"text_delta","step":1,"text":"x"}""", "schema 4")]
    [InlineData(1, """{"type":"tea_break","step":1}""", "not of schema 1")]
    [InlineData(1, """{"type":"text_delta","step":1}""", "not of schema 1")]
    [InlineData(1, """{"type":"text_delta","step":1,"text":null}""", "not of schema 1")]
    [InlineData(1, "{", "not of schema 1")]
    [InlineData(1, "null", "not of schema 1")]
    public void Read_NotAnEventOfAKnownSchema_IsRefused(int schema, string json, string why)
    {
        var error = Assert.Throws<UserInputException>(() => EventJson.Read("journal.db, run r", schema, json));
        Assert.Contains(why, error.Message);
        Assert.Contains("run r", error.Message);
    }

    [Fact]
    public void ProcessOwner_ThisProcess_IsAlive()
    {
        Assert.True(ProcessOwner.IsAlive(ProcessOwner.Current));
        Assert.False(ProcessOwner.IsAlive($"{Environment.MachineName}/{Environment.ProcessId}/other-start"));
        Assert.False(ProcessOwner.IsAlive($"{Environment.MachineName}/{int.MaxValue}/1"));
        Assert.True(ProcessOwner.IsAlive("another-machine/1/1"));
    }

    [Fact]
    public void RunIds_SameSeedAndClock_AreTheSameAndSortByTime()
    {
        var time = new Support.FakeTimeProvider();
        var source = new RunIdSource(time, seed: 1);
        string first = source.Next();
        time.Advance(TimeSpan.FromSeconds(1));
        string second = source.Next();
        Assert.StartsWith("20260102-030405-", first);
        Assert.True(string.CompareOrdinal(first, second) < 0);
        Assert.Equal(first, new RunIdSource(new Support.FakeTimeProvider(), seed: 1).Next());
    }
}
