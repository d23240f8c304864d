using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>
/// A subject whose answers are kept in a file, for later runs too. Kept is only what comes out the same every time: scores and greedy
/// answers of a subject that computes one sample after the other. What is drawn at a temperature is computed each time, and so is what
/// follows it in the same sample; what failed is not kept. A run with the cache gives the files of one without, byte for byte.
/// </summary>
public sealed class CachedSubject : IEvalSubject, IDisposable
{
    private readonly IEvalSubject _subject;
    private readonly CacheFile _file;
    private readonly SemaphoreSlim _one = new(1);

    // What was asked of this sample but answered from the file: the model has not seen it.
    private readonly List<Func<CancellationToken, Task>> _unseen = [];
    private RequestKey? _asked;

    /// <summary>Opens the cache of a subject, or begins it.</summary>
    /// <param name="subject">Who is asked; the caller disposes of it.</param>
    /// <param name="folder">Where caches lie, one file for each subject; created if need be.</param>
    /// <exception cref="UserInputException">
    /// The subject computes several samples at a time, another process uses the file, or it is damaged.
    /// </exception>
    public CachedSubject(IEvalSubject subject, string folder)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(folder);
        if (subject.Alone is not null)
            throw new UserInputException("cache", "Samples that are computed together come out a little different each time; only one at a time can be kept.");
        _subject = subject;
        _asked = RequestKey.First(subject.Signature);
        _file = CacheFile.Open(folder, subject.Signature);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Requests that were answered from the file.</summary>
    public int Found { get; private set; }

    /// <summary>Requests that the subject was asked.</summary>
    public int Computed { get; private set; }

    /// <inheritdoc/>
    public string Signature => _subject.Signature;

    /// <inheritdoc/>
    public bool IsChat => _subject.IsChat;

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => _subject.Embeddings;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ContinuationScore>> ScoreAsync(
        IReadOnlyList<ScoreRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        CachedAnswer answer = await AnswerAsync(
            asked => asked.With(requests),
            async (key, stop) => new(key) { Scores = await _subject.ScoreAsync(requests, stop).ConfigureAwait(false) },
            isRepeatable: true,
            cancellationToken).ConfigureAwait(false);
        return answer.Scores!;
    }

    /// <inheritdoc/>
    public async Task<SubjectReply> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        CachedAnswer answer = await AnswerAsync(
            asked => asked.With(request),
            async (key, stop) => new(key) { Reply = await _subject.GenerateAsync(request, stop).ConfigureAwait(false) },
            request.Temperature == 0,
            cancellationToken).ConfigureAwait(false);
        return answer.Reply!;
    }

    /// <inheritdoc/>
    public async Task ResetAsync()
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            _asked = RequestKey.First(_subject.Signature);
            _unseen.Clear();
            await _subject.ResetAsync().ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _one.Dispose();
    }

    private async Task<CachedAnswer> AnswerAsync(
        Func<RequestKey, RequestKey> with, Func<string, CancellationToken, Task<CachedAnswer>> ask, bool isRepeatable,
            CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A key stands for all that was asked of the sample so far: what a model has read already moves its next numbers a little.
            _asked = isRepeatable ? _asked is { } before ? with(before) : null : null;
            if (_asked is { } key && _file.Find(key.Text) is { } found)
            {
                _unseen.Add(stop => ask(key.Text, stop));
                Found++;
                return found;
            }

            foreach (Func<CancellationToken, Task> unseen in _unseen) await unseen(cancellationToken).ConfigureAwait(false);
            _unseen.Clear();
            CachedAnswer answer = await ask(_asked?.Text ?? "", cancellationToken).ConfigureAwait(false);
            if (_asked is not null) _file.Append(answer);
            Computed++;
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }
}
