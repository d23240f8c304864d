using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Reading;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Sqlite;

namespace AgentKit.Memory.Knowledge;

/// <summary>
/// Documents that can be searched, in one SQLite file. Searching waits for nobody; one process at a time adds or removes. Safe for concurrent use.
/// </summary>
public sealed class KnowledgeBase : IDisposable
{
    private readonly string _path;
    private readonly KnowledgeOptions _options;
    private readonly Retriever _retriever;

    private KnowledgeBase(string path, KnowledgeOptions options)
    {
        (_path, _options) = (path, options);
        _retriever = new Retriever(path, options);
    }

    /// <summary>Opens a knowledge file; creates the file and its folder where they are missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How documents are read.</param>
    /// <exception cref="UserInputException">The path is a folder, another database, not writable, or of a newer format.</exception>
    public static KnowledgeBase Open(string path, KnowledgeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        path = Path.GetFullPath(path);
        KnowledgeFile.Format.Ensure(path);
        return new KnowledgeBase(path, options ?? new KnowledgeOptions());
    }

    /// <summary>
    /// Takes files in, folders with all below them. What is unchanged is not read again, what is gone from a folder is removed, and a file that
    /// cannot be read is reported while the rest goes on. When it ends early, the same call goes on where it stood. Without an embedder new chunks
    /// get no vectors, and those that others have stay.
    /// </summary>
    /// <param name="scope">Where to.</param>
    /// <param name="paths">Files and folders.</param>
    /// <param name="metadata">What is noted with each document.</param>
    /// <param name="progress">Told after each file, by the thread that writes.</param>
    /// <param name="cancellationToken">Ends it within a second or so; what was taken in stays.</param>
    /// <exception cref="UserInputException">A path does not exist or is of no kind that is read; or another process is adding.</exception>
    public async Task<IngestReport> IngestAsync(
        MemoryScope scope,
        IEnumerable<string> paths,
        IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<IngestProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(paths);
        using WriteLock exclusive = WriteLock.Take(_path);
        FileList files = await Task.Run(() => FileList.Of(paths, cancellationToken), cancellationToken).ConfigureAwait(false);
        bool IsGone(string source) =>
            files.Roots.Any(root => IsWithin(source, root)) && !files.Unreadable.Any(folder => IsWithin(source, folder.Source));
        IngestReport report = await IngestAsync(scope, [.. files.Files.Values], IsGone, metadata, progress, cancellationToken).ConfigureAwait(false);
        return report with { Faults = [.. files.Unreadable, .. report.Faults], Skipped = files.Skipped };
    }

    /// <summary>Takes texts in that are no files. Each replaces what is known under its source; others stay.</summary>
    /// <param name="scope">Where to.</param>
    /// <param name="texts">The texts; of several with the same source the last counts.</param>
    /// <param name="metadata">What is noted with each document.</param>
    /// <param name="progress">Told after each text, by the thread that writes.</param>
    /// <param name="cancellationToken">Ends it within a second or so; what was taken in stays.</param>
    /// <exception cref="UserInputException">A text is of a kind that only files have; or another process is adding.</exception>
    public async Task<IngestReport> IngestAsync(
        MemoryScope scope,
        IEnumerable<SourceText> texts,
        IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<IngestProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(texts);
        var sources = new Dictionary<string, TextSource>(StringComparer.Ordinal);
        foreach (SourceText text in texts)
        {
            if (!DocumentReader.IsText(text.Kind))
                throw new UserInputException("Kind", $"The kind of {text.Source} is '{text.Kind}'; {DocumentReader.TextKinds} is allowed for texts.");
            sources[text.Source] = new TextSource(text);
        }

        using WriteLock exclusive = WriteLock.Take(_path);
        return await IngestAsync(scope, [.. sources.Values], _ => false, metadata, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a document out, or all below a folder. Searches that begin when this has returned do not find it.</summary>
    /// <param name="scope">Where from.</param>
    /// <param name="source">A source as hits name it, or the path of a file or folder.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <returns>Documents removed.</returns>
    /// <exception cref="UserInputException">Another process is adding.</exception>
    public async Task<int> RemoveAsync(MemoryScope scope, string source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        using WriteLock exclusive = WriteLock.Take(_path);
        try
        {
            return await Task.Run(() => Remove(scope, source), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (SqliteFile.IsFaultOfDisk(e))
        {
            throw DiskFault(e);
        }
    }

    /// <summary>Searches a scope.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="query">Words, a question.</param>
    /// <param name="options">What is compared, and how many hits are wanted.</param>
    /// <param name="cancellationToken">Cancels between its steps.</param>
    /// <returns>Hits, best first; none when nothing of the scope matches.</returns>
    /// <exception cref="UserInputException">
    /// The query has no word that is indexed; or the mode needs vectors and there are none, or they are by another embedder.
    /// </exception>
    public async Task<IReadOnlyList<Hit>> SearchAsync(
        MemoryScope scope, string query, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(query);
        return (await SearchAsync(scope, [query], options, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Searches a scope for several queries at once. All of them see the same documents; their vectors are made together.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="options">What is compared, and how many hits are wanted for each.</param>
    /// <param name="cancellationToken">Cancels between its steps.</param>
    /// <returns>The hits of each query in the order of the queries, best first.</returns>
    /// <exception cref="UserInputException">As for a single query.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<Hit>>> SearchAsync(
        MemoryScope scope, IReadOnlyList<string> queries, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(queries);
        return await Task.Run(() => _retriever.RetrieveAsync(scope, queries, options ?? new SearchOptions(), cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>What is indexed in a scope.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    public Task<KnowledgeStatus> StatusAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Task.Run(() => StatusReader.Read(_path, scope), cancellationToken);
    }

    /// <summary>What made the vectors of a scope: <see cref="KnowledgeOptions.EmbedderName"/> of whoever added to it.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <returns>Empty when there are none.</returns>
    public Task<string> EmbedderAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Task.Run(() => StatusReader.Embedder(_path, scope), cancellationToken);
    }

    /// <summary>The documents of a scope, by source.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    public Task<IReadOnlyList<KnowledgeDocument>> DocumentsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Task.Run(() => DocumentStore.List(_path, scope), cancellationToken);
    }

    /// <summary>A document of a scope.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="source">A source as hits name it.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <returns><c>null</c> when there is none.</returns>
    public Task<KnowledgeDocument?> FindDocumentAsync(MemoryScope scope, string source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(source);
        return Task.Run(() => DocumentStore.Find(_path, scope, source), cancellationToken);
    }

    /// <summary>A document's chunks, in order.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="source">A source as hits name it.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <returns>None when there is no such document.</returns>
    public Task<IReadOnlyList<KnowledgePassage>> PassagesAsync(MemoryScope scope, string source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(source);
        return Task.Run(() => DocumentStore.Passages(_path, scope, source), cancellationToken);
    }

    /// <summary>Closes the file. No search may be running.</summary>
    public void Dispose()
    {
        _retriever.Dispose();
        SqliteFile.ClosePool(_path);
    }

    private async Task<IngestReport> IngestAsync(
        MemoryScope scope,
        IReadOnlyCollection<IngestSource> sources,
        Func<string, bool> isGone,
        IReadOnlyDictionary<string, string>? metadata,
        IProgress<IngestProgress>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            return await IngestAsync(scope, sources, isGone, PreparationOf(metadata), progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (SqliteFile.IsFaultOfDisk(e))
        {
            throw DiskFault(e);
        }
    }

    private Preparation PreparationOf(IReadOnlyDictionary<string, string>? metadata) => new(
        _options, JsonSerializer.Serialize(new SortedDictionary<string, string>((metadata ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal)));

    private UserInputException DiskFault(Exception e) => new(
        _path, $"{_path} cannot be written: {e.Message.TrimEnd('.')}. What was committed before stays; make room and do the same again.", e);

    private async Task<IngestReport> IngestAsync(
        MemoryScope scope,
        IReadOnlyCollection<IngestSource> sources,
        Func<string, bool> isGone,
        Preparation preparation,
        IProgress<IngestProgress>? progress,
        CancellationToken cancellationToken)
    {
        IngestReport report;
        using var vectors = new VectorWriter(_path, scope);
        FileWithRoom.RemoveLeftovers(_path);
        // Without an embedder vectors that are there stay; "" says that they are not wanted any more.
        if (_options.Embedder is not null || _options.EmbedderName is "") vectors.Begin(_options.EmbedderName!);
        using (var writer = new KnowledgeWriter(_path, scope))
        {
            report = await new Ingestion(writer, preparation, _options.TimeProvider, progress).RunAsync(sources, isGone, cancellationToken)
                .ConfigureAwait(false);
        }

        report = await EnrichAsync(scope, report, progress, cancellationToken).ConfigureAwait(false);
        if (_options.Embedder is { } embedder and not LexicalEmbedder)
            report = report with { NotEmbedded = await new EmbeddingPass(vectors, embedder, progress).RunAsync(cancellationToken).ConfigureAwait(false) };
        await Task.Run(() => _retriever.Link(scope, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        return report;
    }

    private async Task<IngestReport> EnrichAsync(
        MemoryScope scope, IngestReport report, IProgress<IngestProgress>? progress, CancellationToken cancellationToken)
    {
        using var contexts = new ContextWriter(_path, scope);
        if (_options.Enrichment is { } enrichment)
        {
            (int made, IReadOnlyList<IngestFault> faults) =
                await new EnrichmentPass(contexts, enrichment, progress).RunAsync(cancellationToken).ConfigureAwait(false);
            report = report with { ChunksEnriched = made, NotEnriched = faults };
        }

        contexts.RemoveOrphans();
        return report;
    }

    private int Remove(MemoryScope scope, string source)
    {
        using var contexts = new ContextWriter(_path, scope);
        using var writer = new KnowledgeWriter(_path, scope);
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        KnownDocument[] documents =
        [
            .. from document in writer.Documents()
               where document.Key == source || document.Key == folder || IsWithin(document.Key, folder + Path.DirectorySeparatorChar)
               select document.Value,
        ];
        foreach (KnownDocument document in documents) writer.Remove(document);
        writer.Commit();
        contexts.RemoveOrphans();
        return documents.Length;
    }

    /// <param name="source">A source.</param>
    /// <param name="root">A file, or a folder with a separator behind it.</param>
    private static bool IsWithin(string source, string root) =>
        source == root || (Path.EndsInDirectorySeparator(root) && source.StartsWith(root, StringComparison.Ordinal));
}
