using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Facts;
using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.InMemory;
using AgentKit.Memory.Stores.Sqlite;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Memory.Facts;

public sealed class FactStoreTests : IAsyncLifetime
{
    private static readonly MemoryScope Scope = new("acme", "facts", "ann");

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryVectorStore _store = new();
    private FactStore _facts = null!;

    public async Task InitializeAsync() => _facts = await OpenAsync();

    public async Task DisposeAsync()
    {
        _facts.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task RememberAsync_OtherValueOfTheSameThing_EndsTheEarlierOne()
    {
        Fact first = (await _facts.RememberAsync(Scope, "The door code is 4711.")).Fact!;
        DateTimeOffset between = _time.GetUtcNow() + TimeSpan.FromMinutes(1);
        _time.Advance(TimeSpan.FromHours(1));
        RememberedFact second = await _facts.RememberAsync(Scope, "the door code is 9900");

        Assert.Equal(first.Id, Assert.Single(second.Superseded).Id);
        Assert.Equal(first.Id, second.Fact!.Supersedes);
        Assert.Equal("the door code is 9900", Assert.Single(await _facts.RecallAsync(Scope, "door code")).Fact.Text);
        Assert.Equal("The door code is 4711.", Assert.Single(await _facts.RecallAsync(Scope, "door code", asOf: between)).Fact.Text);
        Assert.Equal(second.Fact.ValidFrom, (await _facts.ListAsync(Scope, history: true))[1].ValidTo);
    }

    [Fact]
    public async Task RememberAsync_AnEarlierValueThatIsHeardOfLater_IsHistory()
    {
        _time.Advance(TimeSpan.FromDays(10));
        await _facts.RememberAsync(Scope, "I live in Lyon");
        RememberedFact late = await _facts.RememberAsync(Scope, "I live in Paris", null, _time.GetUtcNow() - TimeSpan.FromDays(5));

        Assert.Empty(late.Superseded);
        Assert.Equal("I live in Lyon", Assert.Single(await _facts.ListAsync(Scope)).Text);
        Assert.Equal("I live in Paris", Assert.Single(await _facts.ListAsync(Scope, _time.GetUtcNow() - TimeSpan.FromDays(1))).Text);
        Assert.Empty(await _facts.ListAsync(Scope, _time.GetUtcNow() - TimeSpan.FromDays(6)));
    }

    [Fact]
    public async Task RememberAsync_LikeButOtherFacts_KeepsBoth()
    {
        await _facts.RememberAsync(Scope, "Ann's phone is 1");
        await _facts.RememberAsync(Scope, "Bob's phone is 2");
        await _facts.RememberAsync(Scope, "Ann likes tea");
        await _facts.RememberAsync(Scope, "Ann likes coffee");
        Assert.Equal(4, (await _facts.ListAsync(Scope)).Count);
    }

    [Fact]
    public async Task RememberAsync_WordForWordAgain_StoresItOnce()
    {
        Fact first = (await _facts.RememberAsync(Scope, "Ann likes tea.")).Fact!;
        _time.Advance(TimeSpan.FromHours(1));
        RememberedFact again = await _facts.RememberAsync(Scope, " ann  likes tea");
        Assert.Equal((false, first.Id), (again.IsNew, again.Fact!.Id));
        Assert.Single(await _facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public async Task Adviser_WhoSaysThatBothHold_IsHeard()
    {
        using FactStore facts = await OpenAsync(new FactOptions { TimeProvider = _time, Adviser = (_, _, _) => ValueTask.FromResult(false) });
        await facts.RememberAsync(Scope, "My hobby is chess");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty((await facts.RememberAsync(Scope, "My hobby is rowing")).Superseded);
        Assert.Equal(2, (await facts.ListAsync(Scope)).Count);
    }

    [Fact]
    public async Task RecallAsync_NothingThatFits_IsEmpty()
    {
        await _facts.RememberAsync(Scope, "The door code is 4711.");
        Assert.Empty(await _facts.RecallAsync(Scope, "zebra migration"));
    }

    [Fact]
    public async Task RecallAsync_WithoutAnyWord_IsEmpty()
    {
        using FactStore facts = await OpenAsync(new FactOptions { TimeProvider = _time, LeastSimilarity = -1 });
        await facts.RememberAsync(Scope, "The door code is 4711.");
        Assert.Empty(await facts.RecallAsync(Scope, " ?! "));
    }

    [Fact]
    public async Task RecallAsync_EqualFits_PrefersTheLater()
    {
        await _facts.RememberAsync(Scope, "Ann visited Oslo");
        _time.Advance(TimeSpan.FromDays(30));
        await _facts.RememberAsync(Scope, "Bob visited Oslo");
        Assert.Equal("Bob visited Oslo", (await _facts.RecallAsync(Scope, "visited Oslo"))[0].Fact.Text);
    }

    [Fact]
    public async Task ForgetAsync_LeavesATombstoneAndBringsNothingBack()
    {
        var origin = new FactOrigin("run-1", "key-1");
        Fact old = (await _facts.RememberAsync(Scope, "The door code is 4711.", origin)).Fact!;
        _time.Advance(TimeSpan.FromHours(1));
        Fact current = (await _facts.RememberAsync(Scope, "The door code is 9900.")).Fact!;

        ForgetReceipt receipt = await _facts.ForgetAsync(Scope, [old.Id, current.Id, "unknown"]);

        Assert.Equal([old.Id, current.Id], receipt.Facts);
        Assert.Equal(["run-1"], receipt.Runs);
        Assert.Empty(await _facts.ListAsync(Scope, history: true));
        Assert.Empty(await _facts.RecallAsync(Scope, "door code"));
        RememberedFact again = await _facts.RememberAsync(Scope, "The door code is 4711.", origin);
        Assert.Equal((null, false), (again.Fact, again.IsNew));
        Assert.True((await _facts.RememberAsync(Scope, "The door code is 4711.")).IsNew);
    }

    [Fact]
    public async Task ForgetAsync_WhatSeveralRunsHaveSaid_StaysForgottenForAllOfThem()
    {
        FactOrigin[] origins = [new("run-1", "key-1"), new("run-2", "key-2"), new("run-3", null)];
        foreach (FactOrigin origin in origins) await _facts.RememberAsync(Scope, "The door code is 4711.", origin);
        Fact known = Assert.Single(await _facts.ListAsync(Scope, history: true));
        Assert.Equal(known.Id, (await _facts.RememberAsync(Scope, "The door code is 4711.", origins[1])).Fact!.Id);

        await _facts.ForgetAsync(Scope, [known.Id]);

        foreach (FactOrigin origin in origins)
        {
            RememberedFact again = await _facts.RememberAsync(Scope, "The door code is 4711.", origin);
            Assert.Equal((null, false), (again.Fact, again.IsNew));
        }

        Assert.Empty(await _facts.ListAsync(Scope, history: true));
    }

    [Theory]
    [InlineData("My sister is a doctor.", "My sister is 34.")]
    [InlineData("My sister is 34.", "My sister is a doctor.")]
    [InlineData("The meeting is on Monday.", "The meeting is in room 4.")]
    [InlineData("Note: buy milk", "Note: call Bob")]
    public async Task RememberAsync_AnotherKindOfThingAboutTheSame_KeepsBoth(string one, string other)
    {
        await _facts.RememberAsync(Scope, one);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty((await _facts.RememberAsync(Scope, other)).Superseded);
        Assert.Equal(2, (await _facts.ListAsync(Scope)).Count);
    }

    [Fact]
    public async Task RememberAsync_TheSameValueInOtherWords_IsKnown()
    {
        Fact first = (await _facts.RememberAsync(Scope, "Timezone: UTC.")).Fact!;
        _time.Advance(TimeSpan.FromHours(1));
        RememberedFact again = await _facts.RememberAsync(Scope, "The timezone is utc.", new FactOrigin("run-1", "key-1"));
        Assert.Equal((false, first.Id), (again.IsNew, again.Fact!.Id));
        await _facts.ForgetAsync(Scope, [first.Id]);
        Assert.False((await _facts.RememberAsync(Scope, "The timezone is utc.", new FactOrigin("run-1", "key-1"))).IsNew);
        Assert.Empty(await _facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public async Task RememberAsync_TheSameSentenceWithAnEarlierTime_IsKnown()
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        Fact first = (await _facts.RememberAsync(Scope, "Ann likes tea.", new FactOrigin("run-1", "key-1"))).Fact!;
        RememberedFact again = await _facts.RememberAsync(Scope, "Ann likes tea.", new FactOrigin("run-1"), _time.GetUtcNow() - TimeSpan.FromMinutes(1));
        Assert.Equal((false, first.Id), (again.IsNew, again.Fact?.Id));
        Fact code = (await _facts.RememberAsync(Scope, "The door code is 4711.", new FactOrigin("run-1", "key-2"))).Fact!;
        again = await _facts.RememberAsync(Scope, "The door code is 4711", new FactOrigin("run-1"), _time.GetUtcNow() - TimeSpan.FromMinutes(1));
        Assert.Equal((false, code.Id), (again.IsNew, again.Fact?.Id));
        Assert.Equal(2, (await _facts.ListAsync(Scope, history: true)).Count);
    }

    [Fact]
    public async Task ForgetAsync_WithAnotherEmbedder_ForgetsInAllCollectionsOfTheScope()
    {
        using FactStore other = await OpenOtherAsync();
        var origin = new FactOrigin("run-1", "key-1");
        foreach (FactStore facts in (FactStore[])[_facts, other])
        {
            await facts.RememberAsync(Scope, "The door code is 4711.", origin);
            await facts.RememberAsync(new MemoryScope("acme", "facts", "bob"), "The door code is 4711.", origin);
        }

        await other.RememberAsync(Scope, "Ann likes tea.");
        _time.Advance(TimeSpan.FromMinutes(1));
        await _facts.RememberAsync(Scope, "ann likes tea");

        ForgetReceipt receipt = await other.ForgetAsync(Scope, (await other.ListAsync(Scope)).Select(fact => fact.Id));

        Assert.Equal(3, receipt.Facts.Count);
        Assert.Empty(await _facts.ListAsync(Scope, history: true));
        Assert.Empty(await other.ListAsync(Scope, history: true));
        Assert.Equal((null, false), await _facts.RememberAsync(Scope, "The door code is 4711.", origin) is var again ? (again.Fact, again.IsNew) : default);
        Assert.Single(await _facts.ListAsync(new MemoryScope("acme", "facts", "bob")));
        Assert.Single(await other.ListAsync(new MemoryScope("acme", "facts", "bob")));
    }

    [Fact]
    public async Task SetCoreAsync_WithOneEmbedder_IsReadWithAllAndReplacesWhatEarlierVersionsWrote()
    {
        using FactStore other = await OpenOtherAsync();
        await _facts.SetCoreAsync(Scope, "user", "Ann");
        Assert.Equal([new CoreBlock("user", "Ann")], await other.CoreAsync(Scope));

        VectorStoreCollection earlier = _store.GetCollection(FactRecords.Shape(new FactOptions()));
        foreach (string name in (string[])["user", "old"])
            await earlier.UpsertAsync(Scope, FactRecords.Other(FactRecords.BlockKind, $"block:{name}", $"{name} of before", new FactOptions().Dimensions, _time.GetUtcNow()));
        Assert.Equal([new CoreBlock("old", "old of before"), new CoreBlock("user", "Ann")], await other.CoreAsync(Scope));
        await other.SetCoreAsync(Scope, "old", "");
        await other.SetCoreAsync(Scope, "user", "Bob");
        Assert.Equal([new CoreBlock("user", "Bob")], await _facts.CoreAsync(Scope));
        Assert.Empty(await earlier.GetAsync(Scope, ["block:user", "block:old"]));
    }

    [Fact]
    public async Task SetCoreAsync_ManyAtOnce_KeepsToTheLimit()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            await Task.Yield();
            await Record.ExceptionAsync(() => _facts.SetCoreAsync(Scope, $"block {i}", new string('x', 900)));
        }));
        Assert.Equal(2, (await _facts.CoreAsync(Scope)).Count);
    }

    [Fact]
    public async Task ForgetAsync_InSqlite_LeavesNoTraceInTheFiles()
    {
        using var folder = new ScratchFolder();
        await using SqliteVectorStore store = SqliteVectorStore.Open(folder["memory.db"]);
        using FactStore facts = await FactStore.OpenAsync(store, new FactOptions { TimeProvider = _time });
        for (int i = 0; i < 50; i++) await facts.RememberAsync(Scope, $"Note {i} about sailing");
        Fact secret = (await facts.RememberAsync(Scope, "Zebediah's passphrase is xylophone")).Fact!;
        Assert.Contains("xylophon", Content(folder), StringComparison.OrdinalIgnoreCase);

        await facts.ForgetAsync(Scope, [secret.Id]);

        string left = Content(folder);
        Assert.All(["xylophon", "zebediah", "passphras"], word => Assert.DoesNotContain(word, left, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(50, (await facts.ListAsync(Scope)).Count);
    }

    [Fact]
    public async Task Scopes_ShareNothing()
    {
        await _facts.RememberAsync(Scope, "The door code is 4711.");
        await _facts.SetCoreAsync(Scope, "user", "Ann");
        foreach (MemoryScope foreign in (MemoryScope[])[new("acme", "facts", "bob"), new("acme", "facts"), new("other", "facts", "ann")])
        {
            Assert.Empty(await _facts.RecallAsync(foreign, "door code"));
            Assert.Empty(await _facts.ListAsync(foreign, history: true));
            Assert.Empty(await _facts.CoreAsync(foreign));
            Assert.Empty((await _facts.RememberAsync(foreign, "The door code is 1.")).Superseded);
        }

        Assert.Equal("The door code is 4711.", Assert.Single(await _facts.ListAsync(Scope)).Text);
    }

    [Fact]
    public async Task SetCoreAsync_BeyondTheLimit_IsRefusedAndChangesNothing()
    {
        await _facts.SetCoreAsync(Scope, "user", "Ann");
        await _facts.SetCoreAsync(Scope, "project", new string('x', 1997));
        var error = await Assert.ThrowsAsync<UserInputException>(() => _facts.SetCoreAsync(Scope, "user", "Anna"));
        Assert.Contains("2001", error.Message, StringComparison.Ordinal);
        await _facts.SetCoreAsync(Scope, "project", "");
        Assert.Equal([new CoreBlock("user", "Ann")], await _facts.CoreAsync(Scope));
        Assert.Empty(await _facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public async Task RememberAsync_ManyAtOnce_KeepsOneValueOfOneThing()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _facts.RememberAsync(Scope, $"The door code is {i}", null, _time.GetUtcNow() + TimeSpan.FromSeconds(i))));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("The door code is 19", Assert.Single(await _facts.ListAsync(Scope)).Text);
        Assert.Equal(20, (await _facts.ListAsync(Scope, history: true)).Count);
    }

    private Task<FactStore> OpenOtherAsync() => OpenAsync(new FactOptions
    {
        TimeProvider = _time, Embedder = new ScriptedEmbedder(text => [text.Length, 1]), EmbedderName = "lengths", Dimensions = 2,
    });

    private static string Content(ScratchFolder folder)
    {
        var content = new StringBuilder();
        foreach (string file in Directory.EnumerateFiles(folder.Path))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            content.Append(reader.ReadToEnd());
        }

        return content.ToString();
    }

    private Task<FactStore> OpenAsync(FactOptions? options = null) => FactStore.OpenAsync(_store, options ?? new FactOptions { TimeProvider = _time });
}
