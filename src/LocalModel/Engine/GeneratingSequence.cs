using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using AgentKit.Models.Sampling;

namespace AgentKit.Models.Engine;

/// <summary>A request for new tokens.</summary>
internal sealed class GeneratingSequence : Sequence
{
    /// <summary>
    /// Waking a reader for every token costs up to a sixth of the speed where all cores decode, so text goes out 50 times a second at most.
    /// </summary>
    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMilliseconds(20);

    private readonly GenerationRequest _request;
    private readonly Tokenizer _tokenizer;
    private readonly Sampler _sampler;
    private readonly TextAssembler _text;
    private readonly int _contextLength;
    private readonly StringBuilder _unsent = new();
    private readonly List<TokenLogProbability> _logProbabilities = [];
    private int _generated;
    private int _published;
    private int _dropped;
    private int _drafted;
    private int _accepted;
    private long _lastUpdate;

    public GeneratingSequence(GenerationRequest request, Tokenizer tokenizer, int contextLength, ChannelWriter<GenerationUpdate> output)
        : base(request.Prompt, request.Adapters, request.Queue, output)
    {
        _request = request;
        _tokenizer = tokenizer;
        _contextLength = contextLength;
        _sampler = new(request.Sampling, request.Constraint);
        _text = new(request.StopTexts);
        _published = request.Prompt.Length;
        Reservation = (int)Math.Min(contextLength, request.Prompt.Length + (long)(request.MaxTokens ?? contextLength));
    }

    public override bool IsGenerating => Pending == 1 && _generated > 0;

    // The last prompt token is always computed: its logits choose the first output token.
    public override ReadOnlySpan<int> Shareable => Prompt.AsSpan(0, Prompt.Length - 1);

    // What follows the sinks was computed while it could see tokens that are gone now.
    public override int Reusable => _dropped > 0 ? Math.Min(_request.KeepWhenFull!.Value, Decoded) : Decoded;

    public override int Reservation { get; }

    public override bool MustShift => !IsOver && _request.KeepWhenFull is not null && Tokens.Count >= _contextLength;

    /// <summary>How many of the first tokens stay when older ones make room.</summary>
    public int Sinks => _request.KeepWhenFull ?? 0;

    /// <summary>Tokens that are guessed to come next; checked in the next step, right or wrong.</summary>
    public List<int> Draft { get; } = [];

    /// <summary>Most tokens worth guessing: what was right lately and a little more.</summary>
    public int WorthDrafting { get; private set; } = 4;

    /// <summary>Most tokens that may still come after the pending one.</summary>
    public int Remaining => Math.Min(Reservation - Tokens.Count, (_request.MaxTokens ?? int.MaxValue) - _generated - 1);

    public override int AddTo(TokenBatch batch, int most)
    {
        int count = Math.Min(Math.Min(Pending, batch.Free), most);
        for (int i = 0; i < count; i++)
        {
            bool last = Decoded + 1 == Tokens.Count;
            int index = batch.Add(Tokens[Decoded], Decoded, Id, output: last);
            FirstOutput = last ? index : -1;
            Decoded++;
        }

        Guessed = 0;
        while (FirstOutput >= 0 && Guessed < Draft.Count && batch.Free > 0 && batch.TryTakeExtraOutput())
        {
            batch.Add(Draft[Guessed], Decoded + Guessed, Id, output: true);
            Guessed++;
        }

        return count + Guessed;
    }

    /// <summary>
    /// Samples after the pending token, and after each guess for as long as the guesses are what was sampled. Every token is sampled from the
    /// model's own distribution, so guessing changes the number of steps and nothing else (Leviathan et al. 2023, with a draft that is certain).
    /// </summary>
    public override void Sample(EngineContext context)
    {
        for (int row = 0; row <= Guessed; row++)
        {
            int token = Sample(context.Logits(FirstOutput + row));
            Tokens.Add(token);
            if (row == Guessed || token != Draft[row] || _tokenizer.IsEndOfGeneration(token))
            {
                break;
            }

            Decoded++;
        }

        RecordDraft();
    }

    public override void Publish()
    {
        FirstOutput = -1;
        Guessed = 0;
        while (_published < Tokens.Count && !IsFinished)
        {
            _published++;
            _generated++;
            Publish(Tokens[_published - 1]);
        }

        // A text that ends the output may have come before tokens that were sampled with it.
        Tokens.RemoveRange(_published, Tokens.Count - _published);
        Decoded = Math.Min(Decoded, Tokens.Count);
        if (_request.TopLogProbabilities is not null)
        {
            _logProbabilities.RemoveRange(_generated, _logProbabilities.Count - _generated);
        }
    }

    /// <summary>Takes tokens between the sinks and the newest ones out of the sequence.</summary>
    /// <param name="count">How many.</param>
    /// <param name="decoded">How many tokens of what is left the KV memory holds.</param>
    public void Drop(int count, int decoded)
    {
        Tokens.RemoveRange(Sinks, count);
        _published -= count;
        _dropped += count;
        Decoded = decoded;
    }

    private int Sample(Span<float> logits)
    {
        if (_request.TopLogProbabilities is not { } top)
        {
            return _sampler.Next(logits, Tokens);
        }

        // The sampler works in place.
        float[] raw = ArrayPool<float>.Shared.Rent(logits.Length);
        logits.CopyTo(raw);
        int token = _sampler.Next(logits, Tokens);
        _logProbabilities.Add(LogProbabilities.Of(raw.AsSpan(0, logits.Length), token, top, _tokenizer));
        ArrayPool<float>.Shared.Return(raw);
        return token;
    }

    private void RecordDraft()
    {
        if (Guessed > 0)
        {
            int right = Tokens.Count - _published - 1;
            _drafted += Guessed;
            _accepted += right;
            WorthDrafting = right + 2;
        }

        Draft.Clear();
    }

    private void Publish(int token)
    {
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
        else if (_generated >= _request.MaxTokens)
        {
            Finish(text + _text.Finish(), GenerationEnd.MaxTokens);
        }
        else if (_published >= _contextLength && _request.KeepWhenFull is null)
        {
            Finish(text + _text.Finish(), GenerationEnd.ContextFull);
        }
        else
        {
            _unsent.Append(text);
            if (_lastUpdate == 0 || Stopwatch.GetElapsedTime(_lastUpdate) >= UpdateInterval)
            {
                Write(Update("", null));
                _lastUpdate = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Finish(string text, GenerationEnd end) => Write(Update(text, end));

    private GenerationUpdate Update(string text, GenerationEnd? end)
    {
        string whole = _unsent.Append(text).ToString();
        _unsent.Clear();
        return new(whole, end)
        {
            PromptTokens = Prompt.Length,
            CachedTokens = CachedTokens,
            OutputTokens = _generated,
            DroppedTokens = _dropped,
            DraftedTokens = _drafted,
            AcceptedTokens = _accepted,
            LogProbabilities = end is null ? [] : _logProbabilities,
        };
    }
}
