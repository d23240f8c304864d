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
    private readonly FactOptions _options;
    private readonly SemaphoreSlim _changing = new(1, 1);

    private FactStore(VectorStore store, VectorStoreCollection records, FactOptions options) => (_store, _records, _options) = (store, records, options);

    /// <summary>Opens the facts of a store; makes their collection where it is missing.</summary>
    /// <param name="store">The store, which stays the caller's.</param>
    /// <param name="options">How they are kept.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<FactStore> OpenAsync(VectorStore store, FactOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new FactOptions();
        VectorStoreCollection records = store.GetCollection(FactRecords.Shape(options));
        await records.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        return new FactStore(store, records, options);
    }

    /// <summary>
    /// Stores a fact. What is known already, word for word, by its episode or as the value of its slot, is not stored again; what was forgotten stays forgotten.
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
        IReadOnlyList<VectorSearchResult> byVector = await _records.SearchAsync(scope, vector, Candidates, near, cancellationToken).ConfigureAwait(false);
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
    /// Forgets facts for good: text, words and vector are removed, a tombstone without content takes the place of each. What followed from them
    /// stays: an earlier value of the same slot does not hold again.
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
            IReadOnlyList<VectorStoreRecord> found = await _records.GetAsync(scope, ids, null, cancellationToken).ConfigureAwait(false);
            Fact[] facts = [.. found.Where(record => FactRecords.Is(record, FactRecords.FactKind)).Select(FactRecords.Read)];
            string[] gone = [.. facts.Select(fact => fact.Id)];
            // One write: there is no moment in which the fact is gone and the tombstone not there, or both.
            await _records.UpsertAsync(scope, gone.Select(id => FactRecords.Other(FactRecords.TombstoneKind, id, "", _options)), CancellationToken.None)
                .ConfigureAwait(false);
            IReadOnlyList<VectorStoreRecord> left = await _records.GetAsync(scope, gone, null, CancellationToken.None).ConfigureAwait(false);
            if (left.Count != gone.Length || left.Any(record => record.Text.Length > 0))
                throw new VectorStoreException(_store.SystemName, _records.Name, "forget", "a fact is still there after it was overwritten");
            DateTimeOffset at = FactRecords.Rounded(_options.TimeProvider.GetUtcNow());
            return new ForgetReceipt(
                FactRecords.Id($"{at:O} {string.Join(' ', gone)}"), at, _store.SystemName, gone,
                [.. facts.Select(fact => fact.Origin?.RunId).OfType<string>().Distinct()]);
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
        var blocks = new List<CoreBlock>();
        await foreach (VectorStoreRecord record in _records.ListAsync(scope, FactRecords.Of(FactRecords.BlockKind), null, cancellationToken).ConfigureAwait(false))
            blocks.Add(new CoreBlock(record.Key[BlockPrefix.Length..], record.Text));
        return [.. blocks.OrderBy(block => block.Name, StringComparer.Ordinal)];
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
        _records.UpsertAsync(scope, FactRecords.Other(FactRecords.RunKind, RunKey(runId), "", _options), cancellationToken);

    internal FactOptions Options => _options;

    private static string RunKey(string runId) => $"run:{runId}";

    private async Task WriteCoreAsync(MemoryScope scope, string name, string text, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            await _records.DeleteAsync(scope, [BlockPrefix + name], cancellationToken).ConfigureAwait(false);
            return;
        }

        int others = (await CoreAsync(scope, cancellationToken).ConfigureAwait(false)).Where(block => block.Name != name).Sum(block => block.Text.Length);
        if (others + text.Length > _options.MaxCoreCharacters)
        {
            throw new UserInputException(
                "text", $"Core memory would have {others + text.Length} characters; {_options.MaxCoreCharacters} are allowed, because it is in every prompt.");
        }

        await _records.UpsertAsync(scope, FactRecords.Other(FactRecords.BlockKind, BlockPrefix + name, text, _options), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<RememberedFact> StoreAsync(MemoryScope scope, Fact fact, float[] vector, CancellationToken cancellationToken)
    {
        // 1. the same episode once more: nothing changes, and what was forgotten does not come back
        VectorStoreRecord? told = await _records.GetAsync(scope, fact.Id, null, cancellationToken).ConfigureAwait(false);
        if (told is not null && FactRecords.Is(told, FactRecords.FactKind)) return new RememberedFact(FactRecords.Read(told), IsNew: false, []);

        // 2. known, and holding
        Fact? known = await KnownAsync(scope, fact, cancellationToken).ConfigureAwait(false);
        if (told is not null) return new RememberedFact(known, IsNew: false, []);
        if (known is not null)
        {
            // When the known fact is forgotten, this episode must not bring it back.
            if (fact.Origin is not null)
                await _records.UpsertAsync(scope, FactRecords.Other(FactRecords.TombstoneKind, fact.Id, "", _options), cancellationToken).ConfigureAwait(false);
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

    /// <summary>The fact that holds and says the same: word for word, or by the same value of the same thing.</summary>
    private async Task<Fact?> KnownAsync(MemoryScope scope, Fact fact, CancellationToken cancellationToken)
    {
        IReadOnlyList<Fact> same = await FactsAsync(scope, FactRecords.Saying(fact.Text), cancellationToken).ConfigureAwait(false);
        if (same.FirstOrDefault(Holds) is { } known) return known;
        if (fact.Slot is not { } slot) return null;
        IReadOnlyList<Fact> values = await FactsAsync(scope, FactRecords.WithSlot(slot), cancellationToken).ConfigureAwait(false);
        return values.FirstOrDefault(one => Holds(one) && string.Equals(one.Slot!.Value, slot.Value, StringComparison.OrdinalIgnoreCase));

        bool Holds(Fact one) => one.ValidTo is null && one.ValidFrom <= fact.ValidFrom;
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
