using System.Threading.Channels;
using AgentKit.Memory.Knowledge.Store;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>
/// Takes sources in: several are read at once, one thread writes them in their order, in transactions of some megabytes. Whenever it is ended,
/// what was committed stays, and the next ingest of the same sources goes on there with the same result.
/// </summary>
internal sealed class Ingestion(
    KnowledgeWriter writer, Preparation preparation, TimeProvider time, IProgress<IngestProgress>? progress)
{
    private const long BatchBytes = 16 * 1024 * 1024;
    private const int BatchDocuments = 1000;

    /// <summary>Sources of this size are read one at a time, so that memory does not hold several of them.</summary>
    private const long LargeBytes = 8 * 1024 * 1024;

    /// <summary>A file changed this shortly before it was read may change again without another time stamp: its content is compared.</summary>
    private static readonly long Uncertain = TimeSpan.FromSeconds(2).Ticks;

    private static readonly TimeSpan BatchTime = TimeSpan.FromSeconds(5);

    private readonly List<IngestFault> _faults = [];
    private int _added;
    private int _updated;
    private int _unchanged;
    private int _removed;
    private int _chunks;
    private long _bytes;

    /// <param name="sources">The sources, in the order in which they are written.</param>
    /// <param name="isGone">Whether a known source that is not among them has gone.</param>
    /// <param name="cancellationToken">Ends it; what is done stays done.</param>
    public async Task<IngestReport> RunAsync(
        IReadOnlyCollection<IngestSource> sources, Func<string, bool> isGone, CancellationToken cancellationToken)
    {
        Dictionary<string, KnownDocument> known = writer.Documents();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = Channel.CreateBounded<Task<PreparationResult>>(new BoundedChannelOptions(4 * Environment.ProcessorCount)
        {
            SingleReader = true,
            SingleWriter = true,
        });
        Task feeding = Task.Run(() => FeedAsync(sources, known, work.Writer, stop.Token), CancellationToken.None);
        try
        {
            await WriteAsync(work.Reader, sources.Sum(source => source.Bytes), cancellationToken).ConfigureAwait(false);
            var seen = sources.Select(source => source.Name).ToHashSet(StringComparer.Ordinal);
            foreach ((string source, KnownDocument document) in known)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!seen.Contains(source) && isGone(source)) Remove(document);
            }
        }
        catch (SqliteException)
        {
            // The database has undone the transaction by itself: nothing is left to commit.
            writer.Rollback();
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            writer.Commit();
        }

        return new IngestReport
        {
            Added = _added, Updated = _updated, Unchanged = _unchanged, Removed = _removed, ChunksWritten = _chunks, BytesRead = _bytes, Faults = _faults,
        };
    }

    private async Task FeedAsync(
        IEnumerable<IngestSource> sources, Dictionary<string, KnownDocument> known, ChannelWriter<Task<PreparationResult>> work, CancellationToken stop)
    {
        try
        {
            foreach (IngestSource source in sources)
            {
                KnownDocument? before = known.GetValueOrDefault(source.Name);
                Task<PreparationResult> task = IsUntouched(source, before)
                    ? Task.FromResult(new PreparationResult(source, before, null, null, Gone: false))
                    : Task.Run(() => preparation.Prepare(source, before), CancellationToken.None);
                if (source.Bytes >= LargeBytes) await Task.WhenAny(task).WaitAsync(stop).ConfigureAwait(false);
                await work.WriteAsync(task, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            work.TryComplete();
        }
    }

    /// <summary>Whether size and time stamp say that a source need not be read.</summary>
    private bool IsUntouched(IngestSource source, KnownDocument? known) =>
        known is not null && source.Modified != 0 && known.Modified == source.Modified && known.Bytes == source.Bytes
        && known.Checked - known.Modified > Uncertain && preparation.IsCurrent(known);

    private async Task WriteAsync(ChannelReader<Task<PreparationResult>> work, long total, CancellationToken cancellationToken)
    {
        (long done, long bytes, int documents, long began) = (0, 0, 0, time.GetTimestamp());
        await foreach (Task<PreparationResult> task in work.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            PreparationResult result = await task.WaitAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            Apply(result, cancellationToken);
            done += result.Source.Bytes;
            if (result.Document is not null) (bytes, documents) = (bytes + result.Source.Bytes, documents + 1);
            if (bytes >= BatchBytes || documents >= BatchDocuments || (documents > 0 && time.GetElapsedTime(began) > BatchTime))
            {
                writer.Commit();
                (bytes, documents, began) = (0, 0, time.GetTimestamp());
            }

            progress?.Report(new IngestProgress(IngestPhase.Reading, done, total));
        }
    }

    private void Apply(PreparationResult result, CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().UtcTicks;
        if (result.Fault is { } fault)
        {
            _faults.Add(fault);
            if (result is { Gone: true, Known: { } stale }) Remove(stale);
        }
        else if (result.Document is { } document)
        {
            _chunks += document.Bytes < LargeBytes ? writer.Put(document, result.Known, now) : PutLarge(document, result.Known, now, cancellationToken);
            _bytes += document.Bytes;
            if (result.Known is null) _added++;
            else _updated++;
        }
        else
        {
            _unchanged++;
            if (result is { Known: { } same, Source.Modified: not 0 } && !IsUntouched(result.Source, same)) writer.Touch(same, result.Source.Modified, now);
        }
    }

    /// <summary>A large document has a transaction of its own, which need not be waited for when the ingest is ended.</summary>
    private int PutLarge(PreparedDocument document, KnownDocument? known, long now, CancellationToken cancellationToken)
    {
        writer.Commit();
        try
        {
            return writer.Put(document, known, now, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            writer.Rollback();
            throw;
        }
    }

    private void Remove(KnownDocument document)
    {
        writer.Remove(document);
        _removed++;
    }
}
