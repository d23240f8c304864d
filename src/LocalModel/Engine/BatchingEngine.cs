using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Native;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models.Engine;

/// <summary>
/// Serves many requests at once: every step decodes one token of each running sequence together with pieces of waiting prompts.
/// One thread owns the context and makes every native call; callers post work to it and read from channels.
/// </summary>
internal sealed class BatchingEngine : IAsyncDisposable
{
    // A row of logits costs about a microsecond per 3,000 tokens to sample; below this a parallel loop costs more than it saves.
    private const long WorthSamplingInParallel = 1_000_000;

    private readonly OwnerThread _owner = new();
    private readonly WaitingQueue _waiting = new();
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _sampling = [];
    private readonly PrefillPacer _pacer = new();
    private readonly Tokenizer _tokenizer;
    private readonly EngineOptions _options;
    private readonly EngineContext _context;
    private readonly SequencePool _pool;
    private readonly TokenBatch _batch;
    private readonly BatchBuilder _builder;
    private readonly Drafter? _drafter;
    private readonly ILogger _logger;
    private int _requests;

    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="logger">Receives what stops the engine.</param>
    /// <param name="drafter">Guesses ahead, if anything does; the engine disposes it.</param>
    /// <exception cref="NativeRuntimeException">llama.cpp refused the context.</exception>
    public BatchingEngine(ModelHandle model, Tokenizer tokenizer, EngineOptions options, ILogger logger, Drafter? drafter = null)
    {
        _tokenizer = tokenizer;
        _options = options;
        _logger = logger;
        _context = new(model, tokenizer, options);
        _pool = new(_context, options);
        _batch = new(options.BatchSize, tokenizer.VocabularySize, options.ExtraOutputs(tokenizer.VocabularySize));
        _drafter = drafter;
        _builder = new(_context, _pool, _batch, drafter);
        _owner.Start(Loop, Close);
    }

    /// <summary>Decode calls so far; fewer calls than tokens show that requests shared them.</summary>
    public long DecodeCalls { get; private set; }

    /// <summary>KV cells in use, those of a shared beginning counted once.</summary>
    public int CellsUsed => _pool.CellsUsed;

    /// <summary>Generates. Disposing the enumerator or cancelling frees the sequence.</summary>
    /// <exception cref="UserInputException">The prompt is empty or does not fit the context.</exception>
    /// <exception cref="ModelBusyException">Too many requests wait already.</exception>
    /// <exception cref="NativeRuntimeException">Decoding failed.</exception>
    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        Validate(request.Prompt);
        return ServeAsync(output => new GeneratingSequence(request, _tokenizer, _options.ContextLength, output), request.Adapters, cancellationToken);
    }

    /// <summary>Computes the log-probabilities of given tokens.</summary>
    /// <param name="tokens">All tokens; they may fill the context.</param>
    /// <param name="from">Index of the first one to score, 1 or more.</param>
    /// <param name="top">How many alternatives to list beside each.</param>
    /// <param name="adapters">The adapters to run with.</param>
    /// <param name="queue">Whose request it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="reader">Takes each row of logits instead; then no scores are returned.</param>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public async Task<IReadOnlyList<TokenLogProbability>> ScoreAsync(
        int[] tokens, int from, int top, AdapterSet adapters, string queue, CancellationToken cancellationToken, LogitsReader? reader = null)
    {
        Validate(tokens.AsSpan(0, tokens.Length - 1));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)tokens[^1], (uint)_tokenizer.VocabularySize, nameof(tokens));
        IReadOnlyList<TokenLogProbability> scores = [];
        await foreach (GenerationUpdate update in ServeAsync(
            output => new ScoringSequence(tokens, from, top, adapters, queue, _tokenizer, output, reader), adapters, cancellationToken).ConfigureAwait(false))
        {
            scores = update.LogProbabilities;
        }

        return scores;
    }

    /// <summary>Runs something that needs the native model on the owner thread, between two steps.</summary>
    public Task<T> RunAsync<T>(Func<T> work) => _owner.RunAsync(work);

    /// <summary>As <see cref="RunAsync"/>, with what keeps earlier requests' KV.</summary>
    public Task<T> WithPoolAsync<T>(Func<SequencePool, T> work) => RunAsync(() =>
    {
        // Whoever asks may have the answer of a request already that is yet to be retired: what it leaves belongs to the pool.
        Retire();
        return work(_pool);
    });

    /// <summary>Frees an adapter as soon as no request uses it; what was computed with it is forgotten.</summary>
    public Task UnloadAsync(LoadedAdapter adapter, IReadOnlyCollection<int> scopes) => RunAsync(() =>
    {
        foreach (int scope in scopes)
        {
            _pool.Forget(scope);
        }

        if (adapter.Unload())
        {
            Free(adapter);
        }

        return true;
    });

    /// <summary>Ends all sequences as cancelled, then frees the context on its own thread.</summary>
    public ValueTask DisposeAsync() => new(_owner.StopAsync());

    private async IAsyncEnumerable<GenerationUpdate> ServeAsync(
        Func<ChannelWriter<GenerationUpdate>, Sequence> create, AdapterSet adapters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _requests) > _options.QueueLimit + _options.Parallel)
        {
            Interlocked.Decrement(ref _requests);
            throw new ModelBusyException($"{_options.QueueLimit:N0} requests wait already; try again later or open the model with a larger QueueLimit.");
        }

        var output = Channel.CreateUnbounded<GenerationUpdate>(new() { SingleReader = true, SingleWriter = true });
        Sequence sequence = create(output.Writer);
        try
        {
            _owner.Post(() =>
            {
                if (adapters.Adapters.Any(used => used.Adapter.IsFreed))
                {
                    sequence.Abort(new UserInputException("adapters", "An adapter was unloaded before the request began."));
                    return;
                }

                foreach ((LoadedAdapter adapter, _) in adapters.Adapters)
                {
                    adapter.AddUser();
                }

                _waiting.Add(sequence);
            });
            await foreach (GenerationUpdate update in output.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            sequence.Cancel();
            Interlocked.Decrement(ref _requests);
        }
    }

    /// <summary>The engine's loop.</summary>
    private void Loop()
    {
        while (_owner.TakePosted(wait: () => _running.Count + _waiting.Count == 0))
        {
            // 1. retire finished sequences
            Retire();

            // 2. admit waiting ones while the KV memory can hold them
            while (_running.Count < _options.Parallel && _waiting.Take(next => _pool.TryAdmit(next, _running)) is { } admitted)
            {
                _running.Add(admitted);
            }

            // 3. build one batch: a token for every generating sequence first, with guesses; then pieces of prompts in order of arrival
            _builder.Build(_running, _pacer.Limit);
            if (_batch.Count == 0)
            {
                continue;
            }

            // 4. decode
            Decode();

            // 5. sample, in parallel when it is worth it
            Sample();

            // 6. publish
            Publish();
        }
    }

    private void Retire()
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            Sequence sequence = _running[i];
            if (!sequence.IsOver)
            {
                continue;
            }

            _running.RemoveAt(i);
            sequence.Abort(null);
            if (sequence.Id >= 0)
            {
                _pool.Release(sequence);
            }

            foreach ((LoadedAdapter adapter, _) in sequence.Adapters.Adapters.Where(used => used.Adapter.RemoveUser()))
            {
                Free(adapter);
            }
        }
    }

    private void Decode()
    {
        DecodeCalls++;
        long start = Stopwatch.GetTimestamp();
        while (!_context.TryDecode(_batch))
        {
            // Reservations cover running sequences, so only kept ones can be in the way.
            if (!_pool.EvictOldest())
            {
                throw new NativeRuntimeException("The KV memory is full although every running sequence had its room reserved.");
            }
        }

        _pacer.Record(_batch.Count, Stopwatch.GetElapsedTime(start));
    }

    private void Sample()
    {
        _sampling.Clear();
        _sampling.AddRange(_running.Where(sequence => sequence.FirstOutput >= 0));
        if (_sampling.Count > 1 && (long)_sampling.Count * _tokenizer.VocabularySize >= WorthSamplingInParallel)
        {
            Parallel.ForEach(_sampling, new() { MaxDegreeOfParallelism = _options.Threads }, Sample);
        }
        else
        {
            _sampling.ForEach(Sample);
        }
    }

    /// <summary>What goes wrong while choosing a token concerns one request; the others go on.</summary>
    private void Sample(Sequence sequence)
    {
        try
        {
            sequence.Sample(_context);
        }
        catch (Exception e)
        {
            sequence.Abort(e);
        }
    }

    private void Publish()
    {
        foreach (Sequence sequence in _sampling)
        {
            if (!_context.CanTrim && sequence.Decoded == sequence.Prompt.Length)
            {
                _pool.Checkpoint(sequence);
            }

            sequence.Publish();
            _pool.Retract(sequence);
            if (sequence is GeneratingSequence { MustShift: true } full)
            {
                _pool.Shift(full);
            }
        }
    }

    private void Free(LoadedAdapter adapter)
    {
        _context.Use(AdapterSet.None);
        adapter.Free();
    }

    /// <param name="fault">One context serves everyone: after a failed decode nobody's KV can be trusted.</param>
    private void Close(Exception? fault)
    {
        if (fault is not null)
        {
            _logger.LogError(fault, "The engine stopped.");
        }

        foreach (Sequence sequence in _running.Concat(_waiting.Clear()))
        {
            sequence.Abort(fault);
        }

        _batch.Dispose();
        _drafter?.Dispose();
        _context.Dispose();
    }

    private void Validate(ReadOnlySpan<int> prompt)
    {
        if (!_context.CanGenerate)
        {
            throw new UserInputException("model", "This is an embedding model: it cannot generate text.");
        }

        if (prompt.Length == 0)
        {
            throw new UserInputException("messages", "The prompt is empty: it has no tokens.");
        }

        foreach (int token in prompt)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_tokenizer.VocabularySize, nameof(prompt));
        }

        if (prompt.Length >= _options.ContextLength)
        {
            throw new UserInputException("messages", $"The prompt has {prompt.Length:N0} tokens; the context holds "
                + $"{_options.ContextLength:N0}, at least one of them for the answer. Shorten the prompt or open the model with a larger ContextLength.");
        }
    }
}
