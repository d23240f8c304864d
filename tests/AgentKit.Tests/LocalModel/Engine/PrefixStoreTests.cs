using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class PrefixStoreTests
{
    [Fact]
    public void Add_BeyondTheLimit_DropsTheLeastRecentlyUsed()
    {
        PrefixStore store = new(3 * 1100);
        store.Add(Stored(1, 2));
        store.Add(Stored(3, 4));
        store.Add(Stored(5, 6));
        Assert.True(store.Holds(0, [1, 2]));
        store.Add(Stored(7, 8));
        Assert.Equal([1, 5, 7], store.Entries.Select(entry => entry.Tokens[0]).Order());
        Assert.InRange(store.Bytes, 3000, 3 * 1100);
    }

    [Fact]
    public void Add_ContinuationOfAStoredSequence_TakesItsPlace()
    {
        PrefixStore store = new(1 << 20);
        store.Add(Stored(1, 2));
        store.Add(Stored(1, 2, 3));
        Assert.Equal([1, 2, 3], Assert.Single(store.Entries).Tokens);
        Assert.True(store.Holds(0, [1, 2]));
        Assert.False(store.Holds(1, [1, 2]));
        Assert.Equal(1000 + (3 * sizeof(int)), store.Bytes);
    }

    [Fact]
    public void RemoveScope_OtherScopes_Stay()
    {
        PrefixStore store = new(1 << 20);
        store.Add(Stored(1, 2));
        store.Add(new(7, [1, 2], new byte[10]));
        store.RemoveScope(7);
        Assert.Null(store.Longest(7, [1, 2, 3], wholeOnly: false, out _));
        Assert.NotNull(store.Longest(0, [1, 2, 3], wholeOnly: false, out int length));
        Assert.Equal(2, length);
    }

    [Fact]
    public void Fits_LimitZeroOrTooLarge_IsFalse()
    {
        Assert.False(new PrefixStore(0).Fits(1));
        Assert.False(new PrefixStore(100).Fits(101));
        Assert.True(new PrefixStore(100).Fits(100));
    }

    private static StoredPrefix Stored(params int[] tokens) => new(0, tokens, new byte[1000]);
}
