using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.BuiltIn.Facts;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.BuiltIn;

public class FactToolsTests
{
    private readonly ListStore _store = new();

    private async Task<string> Call(string tool, string argument, string value, string? key = null)
    {
        var arguments = new AIFunctionArguments { [argument] = JsonSerializer.SerializeToElement(value) };
        if (key is not null) ToolCallKey.Set(arguments, key);
        return (string)(await BuiltInTools.Create(new BuiltInToolsOptions { Facts = _store }).Single(known => known.Name == tool).InvokeAsync(arguments))!;
    }

    [Fact]
    public async Task Facts_RememberedRecalledForgotten_GoThroughTheStore()
    {
        Assert.Equal("Stored.", await Call("remember", "text", " The demo is on Friday. ", key: "k1"));
        Assert.Equal("[1] The demo is on Friday.", await Call("recall", "query", "demo"));
        Assert.Equal("Forgotten.", await Call("forget", "id", "[1]"));
        Assert.Equal("No facts.", await Call("recall", "query", "demo"));
        Assert.Equal(["k1"], _store.Keys);
    }

    [Fact]
    public async Task Facts_EmptyLongOrUnknown_AreRefused()
    {
        Assert.Equal("the fact is empty", (await Assert.ThrowsAsync<ToolException>(() => Call("remember", "text", "  "))).Message);
        Assert.StartsWith("the fact has 4001 characters", (await Assert.ThrowsAsync<ToolException>(() => Call("remember", "text", new string('x', 4001)))).Message);
        Assert.StartsWith("there is no fact '9'", (await Assert.ThrowsAsync<ToolException>(() => Call("forget", "id", "9"))).Message);
    }

    private sealed class ListStore : IFactStore
    {
        private readonly List<StoredFact> _facts = [];

        public List<string?> Keys { get; } = [];

        public ValueTask<string> RememberAsync(string text, string? key, CancellationToken cancellationToken)
        {
            Keys.Add(key);
            _facts.Add(new StoredFact($"{Keys.Count}", text));
            return new($"{Keys.Count}");
        }

        public ValueTask<IReadOnlyList<StoredFact>> RecallAsync(string query, int count, CancellationToken cancellationToken) =>
            new([.. _facts.Where(fact => fact.Text.Contains(query, StringComparison.OrdinalIgnoreCase)).Take(count)]);

        public ValueTask<bool> ForgetAsync(string id, CancellationToken cancellationToken) => new(_facts.RemoveAll(fact => fact.Id == id) > 0);
    }
}
