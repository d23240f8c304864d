using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Reading;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>Reads, cuts and analyzes one source. Safe for concurrent use.</summary>
internal sealed class Preparation(KnowledgeOptions options, string metadata)
{
    /// <summary>A title is indexed with every chunk: a line of megabytes that passes for one must not be.</summary>
    private const int LongestTitle = 500;

    private readonly Chunker _chunker = new(options.Chunking, options.TokenCounter ?? TokenEstimate.Count, options.EmbedderTokens);

    /// <summary>All that decides, beside its content, what becomes of a document.</summary>
    public string Recipe { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"r{DocumentReader.Version}c{Chunker.Version}a{Analyzer.Version} {options.Chunking.MaxTokens}/{options.Chunking.OverlapTokens} {options.TokenCounterName}")
        + (options.EmbedderTokens is { } room ? string.Create(CultureInfo.InvariantCulture, $" {room}") : "");

    /// <summary>Whether a document was made the way it would be made now.</summary>
    public bool IsCurrent(KnownDocument known) => known.Recipe == Recipe && known.Metadata == metadata;

    /// <summary>Prepares a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="known">What is known of it.</param>
    /// <returns>What became of it; a fault is a result too.</returns>
    public PreparationResult Prepare(IngestSource source, KnownDocument? known)
    {
        try
        {
            if (source.Bytes > options.MaxFileBytes)
            {
                throw new UserInputException(
                    "content", $"The file has {source.Bytes} bytes; {options.MaxFileBytes} are allowed.");
            }

            byte[] content = source.ReadBytes();
            byte[] hash = SHA256.HashData(content);
            if (known is not null && IsCurrent(known) && known.Hash.AsSpan().SequenceEqual(hash))
                return new PreparationResult(source, known, null, null, Gone: false);
            // A page that was handed over as a text is no longer in the encoding that it names.
            byte[] read = source is { IsUtf8: true, Kind: "html" } ? [.. Encoding.UTF8.Preamble, .. content] : content;
            ReadDocument document = DocumentReader.Read(source.Kind, read, source.Name);
            string title = HeadingPath.Shortened(document.Title ?? source.Title, LongestTitle);
            ChunkPreparation preparation = ChunkPreparation.Begin(title);
            PreparedChunk[] chunks = [.. _chunker.Cut(document, title).Select(chunk => preparation.Prepare(document.Text, chunk))];
            var prepared = new PreparedDocument(
                source.Name, source.Kind, title, content.Length, source.Modified, Recipe, hash, metadata, chunks);
            return new PreparationResult(source, known, prepared, null, Gone: false);
        }
        catch (UserInputException e)
        {
            // What the index holds is no longer what the source says: better nothing than something stale.
            string removed = known is null ? "" : " Its earlier version was removed from the index.";
            return new PreparationResult(source, known, null, new IngestFault(source.Name, e.Message + removed), Gone: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string kept = known is null ? "" : " Its earlier version stays in the index.";
            return new PreparationResult(source, known, null, new IngestFault(source.Name, e.Message + kept), Gone: false);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // A fault of a reader, which the next thousand files are not to suffer from.
            string removed = known is null ? "" : " Its earlier version was removed from the index.";
            string message = $"The file could not be read ({e.GetType().Name}: {e.Message.TrimEnd('.')}).{removed}";
            return new PreparationResult(source, known, null, new IngestFault(source.Name, message), Gone: true);
        }
    }
}
