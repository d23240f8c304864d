using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Stores;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Facts;

/// <summary>
/// An agent's memory: facts with the time in which they hold, on any store. A fact that says something else of the same thing (its slot) does not
/// delete the earlier one but ends it; what is asked is what holds now, unless another time is named. Safe for concurrent use; two processes
/// that tell the same slot different values at one moment may leave both, until the next fact about it.
/// </summary>
public sealed class FactStore : IDisposable
{
    private const int MostCharacters = 4000;
    private const int Candidates = 50;
    private const int MostRecalled = 100;
    private const int RrfK = 60;
    private const string BlockPrefix = "block:";

    private readonly VectorStore _store;
    private readonly VectorStoreCollection _records;
    private readonly VectorStoreCollection _common;
    private readonly FactOptions _options;
    private readonly SemaphoreSlim _changing = new(1, 1);

    private FactStore(VectorStore store, FactOptions options)
    {
        (_store, _options) = (store, options);
        (_records, _common) = (store.GetCollection(FactRecords.Shape(options)), store.GetCollection(FactRecords.Common));
    }

    /// <summary>Opens the facts of a store; makes their collections where they are missing.</summary>
    /// <param name="store">The store, which stays the caller's.</param>
    /// <param name="options">How they are kept.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<FactStore> OpenAsync(VectorStore store, FactOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new FactOptions();
        var facts = new FactStore(store, options);
        await facts._records.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        await facts._common.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        return facts;
    }

    /// <summary>
    /// Stores a fact. What is known already, word for word, by its episode or as the value of its slot, is not stored again. What was forgotten stays forgotten:
    /// an episode that has told it before that time brings it back neither in the same words nor under its id.
    /// </summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="text">What it says: one sentence, at most 4,000 characters.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="validFrom">From when it holds; now when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels it before it is stored.</param>
    /// <exception cref="UserInputException">The text is empty or too long.</exception>
    public async Task<RememberedFact> RememberAsync(
        MemoryScope scope, string text, FactOrigin? origin = null, DateTimeOffset? validFrom = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        if (text.Length is 0 or > MostCharacters)
            throw new UserInputException("text", $"A fact has {text.Length} characters; 1 to {MostCharacters} are allowed.");
        DateTimeOffset now = FactRecords.Rounded(_options.TimeProvider.GetUtcNow());
        DateTimeOffset from = FactRecords.Rounded(validFrom ?? now);
        string episode = origin is null ? $"{from:O}\n{text}" : $"{origin.RunId}\n{origin.CallKey}\n{(origin.CallKey is null ? text : "")}";
        var fact = new Fact { Id = FactRecords.Id(episode), Text = text, Slot = FactSlot.Of(text), ValidFrom = from, Recorded = now, Origin = origin };
        float[] vector = await EmbedAsync(text, cancellationToken).ConfigureAwait(false);
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await StoreAsync(scope, fact, vector, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Facts that fit a query, by vector, keyword and age together.</summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="query">Words, a question.</param>
    /// <param name="top">Most facts, 1 to 100.</param>
    /// <param name="asOf">Those that held at this time; now when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Best first; none when nothing fits.</returns>
    public async Task<IReadOnlyList<RecalledFact>> RecallAsync(
        MemoryScope scope, string query, int top = 5, DateTimeOffset? asOf = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(query);
        if (top is < 1 or > MostRecalled) throw new UserInputException("top", $"{top} facts are wanted; 1 to {MostRecalled} is allowed.");
        MetadataFilter filter = FactRecords.HoldingAt(asOf ?? _options.TimeProvider.GetUtcNow());
        var near = new VectorSearchOptions { Filter = filter, ScoreThreshold = _options.LeastSimilarity };
        float[] vector = await EmbedAsync(query, cancellationToken).ConfigureAwait(false);
        // A query without a word or a letter is near to nothing.
        IReadOnlyList<VectorSearchResult> byVector = !vector.AsSpan().ContainsAnyExcept(0f) ? []
            : await _records.SearchAsync(scope, vector, Candidates, near, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<VectorSearchResult> byWord = await _records.KeywordSearchAsync(
            scope, query, Candidates, new VectorSearchOptions { Filter = filter }, cancellationToken).ConfigureAwait(false);
        VectorSearchResult[] byAge =
        [
            .. byVector.Concat(byWord).DistinctBy(one => one.Record.Key).OrderByDescending(one => FactRecords.Read(one.Record).ValidFrom),
        ];
        return
        [
            .. RankFusion.Fuse(RrfK, (byVector, 1), (byWord, 1), (byAge, _options.RecencyWeight))
                .Take(top).Select(one => new RecalledFact(FactRecords.Read(one.Record), one.Score)),
        ];
    }

    /// <summary>All facts, the latest first.</summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="asOf">Those that held at this time; now when <c>null</c>.</param>
    /// <param name="history">Also those that held at other times.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<IReadOnlyList<Fact>> ListAsync(
        MemoryScope scope, DateTimeOffset? asOf = null, bool history = false, CancellationToken cancellationToken = default)
    {
        MetadataFilter filter = history ? FactRecords.Of(FactRecords.FactKind) : FactRecords.HoldingAt(asOf ?? _options.TimeProvider.GetUtcNow());
        return [.. (await FactsAsync(scope, filter, cancellationToken).ConfigureAwait(false)).OrderByDescending(fact => fact.ValidFrom)];
    }

    /// <summary>
    /// Forgets facts for good: text, words and vector are removed, a tombstone without content takes the place of each; so it is done with the same facts,
    /// and others in the same words, that were stored with another embedder. What followed from them stays: an earlier value of the same slot does not
    /// hold again.
    /// </summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="ids">The facts; those that are none of this scope are passed over.</param>
    /// <param name="cancellationToken">Cancels it before it begins.</param>
    /// <returns>What was forgotten, once it was looked for and not found.</returns>
    public async Task<ForgetReceipt> ForgetAsync(MemoryScope scope, IEnumerable<string> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(ids);
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // 1. the facts, and what says the same elsewhere
            List<(VectorStoreCollection In, Fact Fact)> facts = await FindToForgetAsync(scope, [.. ids], cancellationToken).ConfigureAwait(false);
            DateTimeOffset at = FactRecords.Rounded(_options.TimeProvider.GetUtcNow());

            // 2. first the marks: an episode that is consolidated meanwhile does not bring back what has gone
            await _common.UpsertAsync(
                scope,
                facts.Select(one => FactRecords.Other(FactRecords.TombstoneKind, FactRecords.ForgottenKey(one.Fact.Text), "", 0, at)),
                cancellationToken).ConfigureAwait(false);

            // 3. the facts themselves
            foreach (IGrouping<VectorStoreCollection, Fact> some in facts.GroupBy(one => one.In, one => one.Fact))
                await BuryAsync(scope, some.Key, [.. some.Select(fact => fact.Id)], at).ConfigureAwait(false);
            string[] gone = [.. facts.Select(one => one.Fact.Id).Distinct()];
            return new ForgetReceipt(
                FactRecords.Id($"{at:O} {string.Join(' ', gone)}"), at, _store.SystemName, gone,
                [.. facts.Select(one => one.Fact.Origin?.RunId).OfType<string>().Distinct()]);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The facts of any time that say this, word for word but for case, blanks and the full stop.</summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="text">A sentence, as it was remembered.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task<IReadOnlyList<Fact>> FindAsync(MemoryScope scope, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FactsAsync(scope, FactRecords.Saying(text), cancellationToken);
    }

    /// <summary>Core memory, by name: what is in every prompt.</summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<IReadOnlyList<CoreBlock>> CoreAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        // Earlier versions wrote blocks to the collection of an embedder.
        var blocks = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (VectorStoreCollection collection in await CollectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            await foreach (VectorStoreRecord record in collection.ListAsync(scope, FactRecords.Of(FactRecords.BlockKind), null, cancellationToken).ConfigureAwait(false))
                blocks.TryAdd(record.Key[BlockPrefix.Length..], record.Text);
        }

        return [.. blocks.Select(block => new CoreBlock(block.Key, block.Value))];
    }

    /// <summary>Writes a block of core memory; an empty text removes it.</summary>
    /// <param name="scope">Whose memory.</param>
    /// <param name="name">What it is about, at most 100 characters.</param>
    /// <param name="text">What it says.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">The blocks would be longer together than <see cref="FactOptions.MaxCoreCharacters"/>.</exception>
    public async Task SetCoreAsync(MemoryScope scope, string name, string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(text);
        if (name.Length > 100) throw new UserInputException("name", $"The name of a block has {name.Length} characters; 100 are allowed.");
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteCoreAsync(scope, name, text, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Frees what it holds; the store stays open.</summary>
    public void Dispose() => _changing.Dispose();

    /// <summary>Whether a run was consolidated.</summary>
    internal async Task<bool> HasRunAsync(MemoryScope scope, string runId, CancellationToken cancellationToken) =>
        await _records.GetAsync(scope, RunKey(runId), null, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Notes that a run was consolidated.</summary>
    internal Task AddRunAsync(MemoryScope scope, string runId, CancellationToken cancellationToken) =>
        _records.UpsertAsync(scope, Other(FactRecords.RunKind, RunKey(runId)), cancellationToken);

    internal FactOptions Options => _options;

    private static string RunKey(string runId) => $"run:{runId}";

    private async Task WriteCoreAsync(MemoryScope scope, string name, string text, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            foreach (VectorStoreCollection collection in await CollectionsAsync(cancellationToken).ConfigureAwait(false))
                await collection.DeleteAsync(scope, [BlockPrefix + name], cancellationToken).ConfigureAwait(false);
            return;
        }

        int others = (await CoreAsync(scope, cancellationToken).ConfigureAwait(false)).Where(block => block.Name != name).Sum(block => block.Text.Length);
        if (others + text.Length > _options.MaxCoreCharacters)
        {
            throw new UserInputException(
                "text", $"Core memory would have {others + text.Length} characters; {_options.MaxCoreCharacters} are allowed, because it is in every prompt.");
        }

        VectorStoreRecord block = FactRecords.Other(FactRecords.BlockKind, BlockPrefix + name, text, 0, _options.TimeProvider.GetUtcNow());
        await _common.UpsertAsync(scope, block, cancellationToken).ConfigureAwait(false);
        foreach (VectorStoreCollection collection in (await CollectionsAsync(cancellationToken).ConfigureAwait(false)).Skip(1))
            await collection.DeleteAsync(scope, [BlockPrefix + name], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What all embedders have in common, then the facts of this one, then those of others.</summary>
    private async Task<IReadOnlyList<VectorStoreCollection>> CollectionsAsync(CancellationToken cancellationToken)
    {
        var collections = new List<VectorStoreCollection> { _common, _records };
        foreach (string name in await _store.ListCollectionNamesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!name.StartsWith(FactRecords.Prefix, StringComparison.Ordinal) || name == _records.Name) continue;
            string? shape = await _store.GetCollection(FactRecords.Shape(name, 0)).StoredShapeAsync(cancellationToken).ConfigureAwait(false);
            if (!int.TryParse(shape?.Split(';')[0], CultureInfo.InvariantCulture, out int dimensions)) continue;
            VectorStoreCollectionDefinition definition = FactRecords.Shape(name, dimensions);
            if (definition.Shape == shape) collections.Add(_store.GetCollection(definition));
        }

        return collections;
    }

    /// <summary>The facts of ids, and, where another embedder keeps its own, those that say the same.</summary>
    private async Task<List<(VectorStoreCollection In, Fact Fact)>> FindToForgetAsync(MemoryScope scope, string[] ids, CancellationToken cancellationToken)
    {
        var facts = new List<(VectorStoreCollection In, Fact Fact)>();
        VectorStoreCollection[] collections = [.. (await CollectionsAsync(cancellationToken).ConfigureAwait(false)).Skip(1)];
        foreach (VectorStoreCollection collection in collections)
        {
            IReadOnlyList<VectorStoreRecord> found = await collection.GetAsync(scope, ids, null, cancellationToken).ConfigureAwait(false);
            facts.AddRange(found.Where(record => FactRecords.Is(record, FactRecords.FactKind)).Select(record => (collection, FactRecords.Read(record))));
        }

        foreach (string text in facts.Select(one => one.Fact.Text).Distinct().ToArray())
        {
            foreach (VectorStoreCollection collection in collections.Skip(1))
            {
                await foreach (VectorStoreRecord record in collection.ListAsync(scope, FactRecords.Saying(text), null, cancellationToken).ConfigureAwait(false))
                {
                    if (!facts.Exists(one => one.In == collection && one.Fact.Id == record.Key)) facts.Add((collection, FactRecords.Read(record)));
                }
            }
        }

        return facts;
    }

    /// <summary>Puts a tombstone in the place of each fact. One write: there is no moment in which a fact is gone and its tombstone not there, or both.</summary>
    private async Task BuryAsync(MemoryScope scope, VectorStoreCollection collection, string[] ids, DateTimeOffset now)
    {
        await collection.UpsertAsync(
            scope, ids.Select(id => FactRecords.Other(FactRecords.TombstoneKind, id, "", collection.Definition.Dimensions, now)), CancellationToken.None)
            .ConfigureAwait(false);
        IReadOnlyList<VectorStoreRecord> left = await collection.GetAsync(scope, ids, null, CancellationToken.None).ConfigureAwait(false);
        if (left.Count != ids.Length || left.Any(record => record.Text.Length > 0))
            throw new VectorStoreException(_store.SystemName, collection.Name, "forget", "a fact is still there after it was overwritten");
    }

    private VectorStoreRecord Other(string kind, string key) => FactRecords.Other(kind, key, "", _options.Dimensions, _options.TimeProvider.GetUtcNow());

    private async Task<RememberedFact> StoreAsync(MemoryScope scope, Fact fact, float[] vector, CancellationToken cancellationToken)
    {
        // 1. the same episode once more: nothing changes, and what was forgotten does not come back
        VectorStoreRecord? told = await _records.GetAsync(scope, fact.Id, null, cancellationToken).ConfigureAwait(false);
        if (told is not null && FactRecords.Is(told, FactRecords.FactKind)) return new RememberedFact(FactRecords.Read(told), IsNew: false, []);

        // 2. known, and holding
        Fact? known = await KnownAsync(scope, fact, cancellationToken).ConfigureAwait(false);
        if (told is not null || (known is null && await IsForgottenAsync(scope, fact, cancellationToken).ConfigureAwait(false)))
            return new RememberedFact(known, IsNew: false, []);
        if (known is not null)
        {
            // When the known fact is forgotten, this episode must not bring it back.
            if (fact.Origin is not null)
                await _records.UpsertAsync(scope, Other(FactRecords.TombstoneKind, fact.Id), cancellationToken).ConfigureAwait(false);
            return new RememberedFact(known, IsNew: false, []);
        }

        // 3. what says something else of the same thing ends where this one begins; what was said later ends this one
        var ended = new List<Fact>();
        if (fact.Slot is { } slot)
        {
            foreach (Fact other in await FactsAsync(scope, FactRecords.WithSlot(slot), cancellationToken).ConfigureAwait(false))
            {
                if (_options.Adviser is { } adviser && !await adviser(other, fact, cancellationToken).ConfigureAwait(false)) continue;
                if (other.ValidFrom > fact.ValidFrom) fact = fact with { ValidTo = Earlier(fact.ValidTo, other.ValidFrom) };
                else if (other.ValidTo is null || other.ValidTo > fact.ValidFrom) ended.Add(other with { ValidTo = fact.ValidFrom });
            }
        }

        fact = fact with { Supersedes = ended.MaxBy(one => one.ValidFrom)?.Id };

        // 4. all in one write
        string[] ids = [.. ended.Select(one => one.Id)];
        IReadOnlyList<VectorStoreRecord> before = await _records.GetAsync(scope, ids, new() { IncludeVectors = true }, cancellationToken).ConfigureAwait(false);
        IEnumerable<VectorStoreRecord> changed = ended.Select(one => FactRecords.Write(one, before.First(record => record.Key == one.Id).Vector));
        await _records.UpsertAsync(scope, [.. changed, FactRecords.Write(fact, vector)], cancellationToken).ConfigureAwait(false);
        return new RememberedFact(fact, IsNew: true, ended);
    }

    /// <summary>Whether a run has told this before it was forgotten. What a person or a program stores without a run is their will.</summary>
    private async Task<bool> IsForgottenAsync(MemoryScope scope, Fact fact, CancellationToken cancellationToken)
    {
        if (fact.Origin is null) return false;
        VectorStoreRecord? mark = await _common.GetAsync(scope, FactRecords.ForgottenKey(fact.Text), null, cancellationToken).ConfigureAwait(false);
        return mark is not null && fact.ValidFrom <= FactRecords.RecordedAt(mark);
    }

    /// <summary>The fact that holds and says the same: word for word, or by the same value of the same thing.</summary>
    private async Task<Fact?> KnownAsync(MemoryScope scope, Fact fact, CancellationToken cancellationToken)
    {
        IReadOnlyList<Fact> same = await FactsAsync(scope, FactRecords.Saying(fact.Text), cancellationToken).ConfigureAwait(false);
        if (same.FirstOrDefault(one => Holds(one) || IsSaidAnyway(one)) is { } known) return known;
        if (fact.Slot is not { } slot) return null;
        IReadOnlyList<Fact> values = await FactsAsync(scope, FactRecords.WithSlot(slot), cancellationToken).ConfigureAwait(false);
        return values.FirstOrDefault(one => Holds(one) && string.Equals(one.Slot!.Value, slot.Value, StringComparison.OrdinalIgnoreCase));

        bool Holds(Fact one) => one.ValidTo is null && one.ValidFrom <= fact.ValidFrom;

        // From when a sentence without a slot holds makes no difference; and a run is one episode, wherever in it something is said.
        bool IsSaidAnyway(Fact one) => one.ValidTo is null && (fact.Slot is null || (fact.Origin is { } origin && one.Origin?.RunId == origin.RunId));
    }

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one is { } known && known < other ? known : other;

    private async Task<IReadOnlyList<Fact>> FactsAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken) =>
        await _records.ListAsync(scope, filter, null, cancellationToken).Select(FactRecords.Read).ToListAsync(cancellationToken).ConfigureAwait(false);

    private async Task<float[]> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> made = await _options.Embedder.GenerateAsync([text], cancellationToken: cancellationToken).ConfigureAwait(false);
        return made[0].Vector.ToArray();
    }
}
