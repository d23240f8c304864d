using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using AgentKit.Models.Sampling;

namespace AgentKit.Models.Engine;

/// <summary>One request on its way through the engine. Owned by the engine's thread; only <see cref="Cancel"/> may be called from elsewhere.</summary>
internal sealed class Sequence
{
    /// <summary>
    /// Waking a reader for every token costs up to a sixth of the speed where all cores decode, so text goes out 50 times a second at most.
    /// </summary>
    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMilliseconds(20);

    private readonly GenerationRequest _request;
    private readonly Tokenizer _tokenizer;
    private readonly ChannelWriter<GenerationUpdate> _output;
    private readonly Sampler _sampler;
    private readonly TextAssembler _text;
    private readonly int _contextLength;
    private readonly StringBuilder _unsent = new();
    private long _lastUpdate;
    private volatile bool _cancelled;

    public Sequence(GenerationRequest request, Tokenizer tokenizer, int contextLength, ChannelWriter<GenerationUpdate> output)
    {
        _request = request;
        _tokenizer = tokenizer;
        _contextLength = contextLength;
        _output = output;
        _sampler = new(request.Sampling, request.Constraint);
        _text = new(request.StopTexts);
        Tokens = [.. request.Prompt];
        Reservation = (int)Math.Min(contextLength, request.Prompt.Length + (long)(request.MaxTokens ?? contextLength));
    }

    /// <summary>Prompt and output so far.</summary>
    public List<int> Tokens { get; }

    public ReadOnlySpan<int> Prompt => _request.Prompt;

    /// <summary>How many of <see cref="Tokens"/> the KV memory holds.</summary>
    public int Decoded { get; private set; }

    /// <summary>The part of <see cref="Tokens"/> the KV memory holds.</summary>
    public ReadOnlySpan<int> DecodedTokens => CollectionsMarshal.AsSpan(Tokens)[..Decoded];

    public int Pending => Tokens.Count - Decoded;

    /// <summary>Whether only its last sampled token waits for the next batch.</summary>
    public bool IsGenerating => Pending == 1 && Tokens.Count > _request.Prompt.Length;

    /// <summary>KV cells it may come to need.</summary>
    public int Reservation { get; }

    /// <summary>Its id in the KV memory; -1 before admission.</summary>
    public int Id { get; private set; } = -1;

    /// <summary>Index of its logits in the current batch; -1 when it has none.</summary>
    public int OutputIndex { get; private set; } = -1;

    public int CachedTokens { get; private set; }

    public bool IsFinished { get; private set; }

    public bool IsOver => IsFinished || _cancelled;

    /// <summary>Asks the engine to drop the sequence before its next step. Callable from any thread.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>The KV cells it holds, one for each decoded token.</summary>
    public List<int> Cells { get; private set; } = [];

    public void Admit(int id, int sharedTokens, List<int> cells)
    {
        Id = id;
        Cells = cells;
        Decoded = sharedTokens;
        CachedTokens = sharedTokens;
    }

    /// <summary>Puts as many of its pending tokens into the batch as fit.</summary>
    public void AddTo(TokenBatch batch)
    {
        int count = Math.Min(Pending, batch.Free);
        for (int i = 0; i < count; i++)
        {
            bool last = Decoded + 1 == Tokens.Count;
            int index = batch.Add(Tokens[Decoded], Decoded, Id, output: last);
            OutputIndex = last ? index : -1;
            Decoded++;
        }
    }

    /// <summary>Chooses its next token; different sequences may do so at the same time.</summary>
    public void Sample(Span<float> logits) => Tokens.Add(_sampler.Next(logits, Tokens));

    /// <summary>Hands the token that was sampled to the reader and decides whether the sequence goes on.</summary>
    public void Publish()
    {
        OutputIndex = -1;
        if (IsFinished)
        {
            return;
        }

        int token = Tokens[^1];
        if (_tokenizer.IsEndOfGeneration(token))
        {
            Finish(_text.Finish(), GenerationEnd.EndOfTurn);
            return;
        }

        bool hidden = _tokenizer.Special.Control.Contains(token) && !_request.VisibleControlTokens.Contains(token);
        string text = hidden ? "" : _text.Push(_tokenizer.Piece(token).Span);
        if (_text.Stopped)
        {
            Finish(text, GenerationEnd.StopText);
        }
        else if (Tokens.Count - _request.Prompt.Length >= _request.MaxTokens)
        {
            Finish(text + _text.Finish(), GenerationEnd.MaxTokens);
        }
        else if (Tokens.Count >= _contextLength)
        {
            Finish(text + _text.Finish(), GenerationEnd.ContextFull);
        }
        else
        {
            _unsent.Append(text);
            if (_lastUpdate == 0 || Stopwatch.GetElapsedTime(_lastUpdate) >= UpdateInterval)
            {
                _output.TryWrite(Update("", null));
                _lastUpdate = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>Ends the sequence with an error, or as cancelled when there is none.</summary>
    public void Abort(Exception? error)
    {
        IsFinished = true;
        _output.TryComplete(error ?? new OperationCanceledException());
    }

    private void Finish(string text, GenerationEnd end)
    {
        IsFinished = true;
        _output.TryWrite(Update(text, end));
        _output.TryComplete();
    }

    private GenerationUpdate Update(string text, GenerationEnd? end)
    {
        string whole = _unsent.Append(text).ToString();
        _unsent.Clear();
        return new(whole, end, _request.Prompt.Length, CachedTokens, Tokens.Count - _request.Prompt.Length);
    }
}
