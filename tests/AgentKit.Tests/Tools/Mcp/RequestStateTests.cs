using System.Text.Json;
using AgentKit.Tests.Support;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol;

namespace AgentKit.Tests.Tools.Mcp;

public class RequestStateTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly FakeTimeProvider _time = new();

    private static string Fault(Action open) => Assert.Throws<McpProtocolException>(open).Message;

    [Fact]
    public void Open_WhatWasSealed_GivesTheDataOnce()
    {
        var states = new RequestStates(Key, _time);
        string sealedState = states.Seal("alice|tools/call|t|1", JsonElement.Parse("""{"run":"r1"}"""));

        Assert.Equal("r1", states.Open(sealedState, "alice|tools/call|t|1")!.Value.GetProperty("run").GetString());
        Assert.Contains("used before", Fault(() => states.Open(sealedState, "alice|tools/call|t|1")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eve|tools/call|t|1")]
    [InlineData("alice|prompts/get|t|1")]
    [InlineData("alice|tools/call|other|1")]
    [InlineData("alice|tools/call|t|2")]
    public void Open_ForAnotherRequest_IsRefused(string owner)
    {
        var states = new RequestStates(Key, _time);
        string sealedState = states.Seal("alice|tools/call|t|1", null);

        Assert.Contains("another request", Fault(() => states.Open(sealedState, owner)), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AfterItsTime_IsRefused()
    {
        var states = new RequestStates(Key, _time);
        string sealedState = states.Seal("a", null);
        _time.Advance(TimeSpan.FromMinutes(31));

        Assert.Contains("expired", Fault(() => states.Open(sealedState, "a")), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnyOtherText_IsRefused()
    {
        var states = new RequestStates(Key, _time);
        string sealedState = states.Seal("a", JsonElement.Parse("1"));
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            char[] forged = sealedState.ToCharArray();
            int at = random.Next(forged.Length);
            forged[at] = (char)(forged[at] ^ (1 << random.Next(7)));
            Assert.Contains("not made by this server", Fault(() => states.Open(new string(forged), "a")), StringComparison.Ordinal);
        }

        foreach (string text in (string[])["", ".", "a.b", "..", new RequestStates([.. Key.Reverse()], _time).Seal("a", null)])
            Assert.Contains("not made by this server", Fault(() => states.Open(text, "a")), StringComparison.Ordinal);
    }
}
