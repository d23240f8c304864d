using System.Collections.Concurrent;
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

    private readonly BlockingCollection<Action> _posted = [];
    private readonly Queue<Sequence> _waiting = new();
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _sampling = [];
    private readonly Tokenizer _tokenizer;
    private readonly EngineOptions _options;
    private readonly EngineContext _context;
    private readonly SequencePool _pool;
    private readonly TokenBatch _batch;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;
    private Exception? _fault;

    /// <exception cref="NativeRuntimeException">llama.cpp refused the context.</exception>
    public BatchingEngine(ModelHandle model, Tokenizer tokenizer, EngineOptions options, ILogger logger)
    {
        _tokenizer = tokenizer;
        _options = options;
        _logger = logger;
        _context = new(model, tokenizer, options);
        _pool = new(_context, options);
        _batch = new(options.BatchSize, tokenizer.VocabularySize);
        _thread = new(Run) { Name = "AgentKit engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Decode calls so far; fewer calls than tokens show that requests shared them.</summary>
    public long DecodeCalls { get; private set; }

    /// <summary>KV cells in use, those of a shared beginning counted once.</summary>
    public int CellsUsed => _pool.CellsUsed;

    /// <summary>Generates. Disposing the enumerator or cancelling frees the sequence.</summary>
    /// <exception cref="UserInputException">The prompt is empty or does not fit the context.</exception>
    /// <exception cref="NativeRuntimeException">Decoding failed.</exception>
    public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Validate(request);
        var output = Channel.CreateUnbounded<GenerationUpdate>(new() { SingleReader = true, SingleWriter = true });
        Sequence sequence = new(request, _tokenizer, _options.ContextLength, output.Writer);
        Post(() => _waiting.Enqueue(sequence));
        try
        {
            await foreach (GenerationUpdate update in output.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            sequence.Cancel();
        }
    }

    /// <summary>Runs something that needs the native model on the owner thread, between two steps.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Ends all sequences as cancelled, then frees the context on its own thread.</summary>
    public async ValueTask DisposeAsync()
    {
        TryPost(() => _stopping = true);
        await _stopped.Task.ConfigureAwait(false);
    }

    /// <summary>The engine's loop.</summary>
    private void Loop()
    {
        while (TakePosted())
        {
            // 1. retire finished sequences
            Retire();

            // 2. admit waiting ones while the KV memory can hold them
            while (_running.Count < _options.Parallel && _waiting.TryPeek(out Sequence? next) && (next.IsOver || _pool.TryAdmit(next, _running)))
            {
                _running.Add(_waiting.Dequeue());
            }

            // 3. build one batch: a token for every generating sequence first, then pieces of prompts in order of arrival
            _batch.Clear();
            AddToBatch(generating: true);
            AddToBatch(generating: false);
            if (_batch.Count == 0)
            {
                continue;
            }

            // 4. decode
            Decode();

            // 5. sample, in parallel when it is worth it
            Sample();

            // 6. publish
            _sampling.ForEach(sequence => sequence.Publish());
        }
    }

    /// <summary>Runs what callers have posted; waits for it when there is nothing else to do. <c>false</c> when the engine stops.</summary>
    private bool TakePosted()
    {
        while (!_stopping && _posted.TryTake(out Action? action, _running.Count + _waiting.Count > 0 ? 0 : Timeout.Infinite))
        {
            action();
        }

        return !_stopping;
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
        }
    }

    private void AddToBatch(bool generating)
    {
        foreach (Sequence sequence in _running)
        {
            if (sequence.Pending > 0 && sequence.IsGenerating == generating && !sequence.IsOver)
            {
                sequence.AddTo(_batch);
                _pool.Extend(sequence);
            }
        }
    }

    private void Decode()
    {
        DecodeCalls++;
        while (!_context.TryDecode(_batch))
        {
            // Reservations cover running sequences, so only kept ones can be in the way.
            if (!_pool.EvictOldest())
            {
                throw new NativeRuntimeException("The KV memory is full although every running sequence had its room reserved.");
            }
        }
    }

    private void Sample()
    {
        _sampling.Clear();
        _sampling.AddRange(_running.Where(sequence => sequence.OutputIndex >= 0));
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
            sequence.Sample(_context.Logits(sequence.OutputIndex));
        }
        catch (Exception e)
        {
            sequence.Abort(e);
        }
    }

    private void Run()
    {
        try
        {
            Loop();
        }
        catch (Exception e)
        {
            // One context serves everyone: after a failed decode nobody's KV can be trusted.
            _fault = e;
            _logger.LogError(e, "The engine stopped.");
        }

        _posted.CompleteAdding();
        foreach (Action action in _posted)
        {
            action();
        }

        foreach (Sequence sequence in _running.Concat(_waiting))
        {
            sequence.Abort(_fault);
        }

        _batch.Dispose();
        _context.Dispose();
        _stopped.SetResult();
    }

    private void Validate(GenerationRequest request)
    {
        if (!_context.CanGenerate)
        {
            throw new UserInputException("model", "This is an embedding model: it cannot generate text.");
        }

        if (request.Prompt.Length == 0)
        {
            throw new UserInputException("messages", "The prompt is empty: it has no tokens.");
        }

        foreach (int token in request.Prompt)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_tokenizer.VocabularySize, nameof(request));
        }

        if (request.Prompt.Length >= _options.ContextLength)
        {
            throw new UserInputException("messages", $"The prompt has {request.Prompt.Length:N0} tokens; the context holds "
                + $"{_options.ContextLength:N0}, at least one of them for the answer. Shorten the prompt or open the model with a larger ContextLength.");
        }
    }

    private void Post(Action action)
    {
        if (!TryPost(action))
        {
            throw _fault is null
                ? new ObjectDisposedException("The model has been disposed.", innerException: null)
                : new NativeRuntimeException($"The engine has stopped: {_fault.Message}", _fault);
        }
    }

    private bool TryPost(Action action)
    {
        try
        {
            _posted.Add(action);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
