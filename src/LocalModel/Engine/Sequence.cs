using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace AgentKit.Models.Engine;

/// <summary>One request on its way through the engine. Owned by the engine's thread; only <see cref="Cancel"/> may be called from elsewhere.</summary>
internal abstract class Sequence
{
    private readonly ChannelWriter<GenerationUpdate> _output;
    private volatile bool _cancelled;

    /// <param name="prompt">Its first tokens, at least one.</param>
    /// <param name="adapters">The adapters it runs with.</param>
    /// <param name="queue">Whose request it is.</param>
    /// <param name="output">Where its output goes.</param>
    protected Sequence(int[] prompt, AdapterSet adapters, string queue, ChannelWriter<GenerationUpdate> output)
    {
        Prompt = prompt;
        Adapters = adapters;
        Queue = queue;
        _output = output;
        Tokens = [.. prompt];
    }

    public int[] Prompt { get; }

    public AdapterSet Adapters { get; }

    /// <summary>The line in which it waits for admission.</summary>
    public string Queue { get; }

    /// <summary>Prompt and output so far.</summary>
    public List<int> Tokens { get; }

    /// <summary>How many of <see cref="Tokens"/> the KV memory holds.</summary>
    public int Decoded { get; protected set; }

    /// <summary>The part of <see cref="Tokens"/> the KV memory holds.</summary>
    public ReadOnlySpan<int> DecodedTokens => CollectionsMarshal.AsSpan(Tokens)[..Decoded];

    /// <summary>Tokens that the KV memory holds beyond <see cref="Decoded"/>: guesses in the current batch.</summary>
    public int Guessed { get; protected set; }

    /// <summary>Tokens that must still be computed.</summary>
    public virtual int Pending => Tokens.Count - Decoded;

    /// <summary>Whether only its last sampled token waits for the next batch.</summary>
    public abstract bool IsGenerating { get; }

    /// <summary>The beginning of the prompt that may come from the cache; what follows is computed for its logits.</summary>
    public abstract ReadOnlySpan<int> Shareable { get; }

    /// <summary>The beginning of what it computed that another prompt may use.</summary>
    public virtual int Reusable => Decoded;

    /// <summary>KV cells it may come to need.</summary>
    public abstract int Reservation { get; }

    /// <summary>Whether the context is full and its older tokens must make room.</summary>
    public virtual bool MustShift => false;

    /// <summary>Its id in the KV memory; -1 before admission.</summary>
    public int Id { get; private set; } = -1;

    /// <summary>The KV cells it holds, one for each token.</summary>
    public List<int> Cells { get; private set; } = [];

    public int CachedTokens { get; private set; }

    /// <summary>Index of its first logits in the current batch; -1 when it has none.</summary>
    public int FirstOutput { get; protected set; } = -1;

    public bool IsFinished { get; private set; }

    public bool IsOver => IsFinished || _cancelled;

    /// <summary>Asks the engine to drop the sequence before its next step. Callable from any thread.</summary>
    public void Cancel() => _cancelled = true;

    public void Admit(int id, int sharedTokens, List<int> cells)
    {
        Id = id;
        Cells = cells;
        Decoded = sharedTokens;
        CachedTokens = sharedTokens;
    }

    /// <summary>Puts as many of its pending tokens into the batch as fit.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="most">Most tokens to add.</param>
    /// <returns>How many were added.</returns>
    public abstract int AddTo(TokenBatch batch, int most);

    /// <summary>Works on the logits of its part of the batch; different sequences may do so at the same time.</summary>
    public abstract void Sample(EngineContext context);

    /// <summary>Hands new output to the reader and decides whether the sequence goes on.</summary>
    public abstract void Publish();

    /// <summary>Ends the sequence with an error, or as cancelled when there is none.</summary>
    public void Abort(Exception? error)
    {
        IsFinished = true;
        _output.TryComplete(error ?? new OperationCanceledException());
    }

    protected void Write(GenerationUpdate update)
    {
        _output.TryWrite(update);
        if (update.End is not null)
        {
            IsFinished = true;
            _output.TryComplete();
        }
    }
}
