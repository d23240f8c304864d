using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Store;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>
/// Makes the contexts that are missing, some chunks at a time; each group is kept as soon as it is made. What a model was asked before in the same
/// words it is not asked again.
/// </summary>
internal sealed class EnrichmentPass(ContextWriter writer, EnrichmentOptions options, IProgress<IngestProgress>? progress)
{
    /// <summary>Changes whenever the prompt does: contexts of another version are made anew.</summary>
    private const int Version = 1;

    private const int HashBytes = 16;
    private const int MostCharacters = 4000;

    /// <summary>Less of a document than this is not tried.</summary>
    private const int LeastCharacters = 200;

    /// <summary>A model that answers none of so many chunks is not asked about thousands more.</summary>
    private const int FailuresBeforeStop = 16;

    private readonly string _recipe = string.Create(
        CultureInfo.InvariantCulture, $"e{Version} {options.DocumentCharacters}/{options.MaxTokens} {options.ModelName}");

    private readonly SortedDictionary<string, (int Count, string Message)> _failed = new(StringComparer.Ordinal);
    private int _made;

    /// <returns>Chunks that have got a context, and documents of which some have not.</returns>
    public async Task<(int Made, IReadOnlyList<IngestFault> Faults)> RunAsync(CancellationToken cancellationToken)
    {
        int total = writer.CountMissing(_recipe);
        (long last, int done) = (0, 0);
        while (writer.Missing(_recipe, last, options.AtOnce) is { Count: > 0 } chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<ChunkContext> contexts = await ContextsAsync(chunks, cancellationToken).ConfigureAwait(false);
            writer.Put(_recipe, contexts);
            _made += contexts.Count;
            (last, done) = (chunks[^1].Id, done + chunks.Count);
            progress?.Report(new IngestProgress(IngestPhase.Enriching, done, total));
            if (_made == 0 && done >= FailuresBeforeStop && done < total) return (0, [Stopped(done)]);
        }

        return (_made, [.. _failed.Select(pair => new IngestFault(pair.Key, $"{Chunks(pair.Value.Count)} no context: {pair.Value.Message}"))]);
    }

    private static string Chunks(int count) => count == 1 ? "1 chunk has" : string.Create(CultureInfo.InvariantCulture, $"{count} chunks have");

    private IngestFault Stopped(int count) => new(
        options.ModelName,
        string.Create(CultureInfo.InvariantCulture, $"It gave no context for any of {count} chunks and was not asked about the others: {_failed.First().Value.Message}"));

    /// <summary>Asks about some chunks together; where a question does not fit the model, once more with less of the document.</summary>
    private async Task<List<ChunkContext>> ContextsAsync(List<BareChunk> chunks, CancellationToken cancellationToken)
    {
        var contexts = new List<ChunkContext>();
        for (int characters = options.DocumentCharacters; chunks.Count > 0; characters /= 2)
        {
            (BareChunk Chunk, string Prompt, byte[] Hash, string? Known)[] questions = [.. chunks.Select(chunk => Question(chunk, characters))];
            (string? Text, Exception? Fault)[] answers =
                await Task.WhenAll(questions.Select(asked => AnswerAsync(asked.Prompt, asked.Known, cancellationToken))).ConfigureAwait(false);
            var again = new List<BareChunk>();
            foreach (((BareChunk chunk, _, byte[] hash, _), (string? text, Exception? fault)) in questions.Zip(answers))
            {
                if (text is not null) contexts.Add(new ChunkContext(chunk, hash, text));
                else if (fault is UserInputException && characters >= 2 * LeastCharacters) again.Add(chunk);
                else NoteFailure(chunk.Source, fault!.Message);
            }

            chunks = again;
        }

        contexts.Sort((left, right) => left.Chunk.Id.CompareTo(right.Chunk.Id));
        return contexts;
    }

    private void NoteFailure(string source, string message)
    {
        (int count, string? first) = _failed.GetValueOrDefault(source);
        _failed[source] = (count + 1, first ?? message);
    }

    /// <summary>What the model is asked about a chunk, and what is known of that already.</summary>
    private (BareChunk Chunk, string Prompt, byte[] Hash, string? Known) Question(BareChunk chunk, int characters)
    {
        string heading = chunk.Heading.Length > 0 ? $"Its headings: {chunk.Heading}\n" : "";
        string prompt =
            $"""
            Document "{chunk.Title}":

            {writer.DocumentAround(chunk, characters)}

            ----
            A passage of this document:

            {chunk.Text}

            ----
            {heading}For a search engine, write one or two short sentences that say what in the document this passage belongs to and what it is about.
            Name whom or what its pronouns and abbreviations stand for. Write these sentences and nothing else.
            """;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{_recipe}\n{prompt}")).AsSpan(0, HashBytes).ToArray();
        return (chunk, prompt, hash, writer.Find(hash));
    }

    private async Task<(string? Text, Exception? Fault)> AnswerAsync(string prompt, string? known, CancellationToken cancellationToken)
    {
        try
        {
            return (known ?? await AskAsync(prompt, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is UserInputException or ModelOutputException)
        {
            return (null, e);
        }
    }

    private async Task<string> AskAsync(string prompt, CancellationToken cancellationToken)
    {
        var asked = new ChatOptions { Temperature = 0, MaxOutputTokens = options.MaxTokens };
        ChatResponse answer = await options.Model.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], asked, cancellationToken).ConfigureAwait(false);
        string text = string.Join(' ', answer.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (text.Length == 0) throw new ModelOutputException($"The model wrote nothing within {options.MaxTokens} tokens.");
        return text.Length <= MostCharacters ? text
            : throw new ModelOutputException($"The model wrote {text.Length} characters; {MostCharacters} are allowed.");
    }
}
