using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class PrefixTreeTests
{
    [Fact]
    public void Longest_AfterRandomAddsAndRemoves_AgreesWithComparingAll()
    {
        Random random = new(4);
        PrefixTree<Entry> tree = new();
        List<Entry> entries = [];
        for (int step = 0; step < 4_000; step++)
        {
            if (random.Next(3) > 0)
            {
                Entry added = new(random.Next(2), Tokens(random));
                entries.Add(added);
                tree.Add(added.Scope, added.Tokens, added);
            }
            else if (entries.Count > 0)
            {
                Entry removed = entries[random.Next(entries.Count)];
                entries.Remove(removed);
                tree.Remove(removed.Scope, removed.Tokens, removed);
            }

            int scope = random.Next(2);
            int[] prompt = Tokens(random);
            List<Entry> candidates = [.. entries.Where(entry => entry.Scope == scope)];
            Entry? found = tree.Longest(scope, prompt, wholeOnly: false, out int length);
            Assert.Equal(candidates.Select(entry => Common(entry, prompt)).DefaultIfEmpty().Max(), length);
            Assert.True(length == 0 ? found is null : candidates.Contains(found!) && Common(found!, prompt) == length);
            Entry? whole = tree.Longest(scope, prompt, wholeOnly: true, out int wholeLength);
            Assert.Equal(candidates.Where(entry => Common(entry, prompt) == entry.Tokens.Length).Select(entry => entry.Tokens.Length).DefaultIfEmpty().Max(), wholeLength);
            Assert.True(wholeLength == 0 ? whole is null : candidates.Contains(whole!) && whole!.Tokens.Length == wholeLength);
        }
    }

    // Few different tokens, so that beginnings are often common and edges split and join.
    private static int[] Tokens(Random random) => [.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => random.Next(2))];

    private static int Common(Entry entry, int[] prompt) => entry.Tokens.AsSpan().CommonPrefixLength(prompt);

    // A class, not a record: equal tokens of two holders must stay two entries.
    private sealed class Entry(int scope, int[] tokens)
    {
        public int Scope => scope;

        public int[] Tokens => tokens;
    }
}
