using System.Threading.Channels;

namespace AgentKit.Models.Engine;

/// <summary>A request for the log-probabilities of given tokens: nothing is generated.</summary>
internal sealed class ScoringSequence : Sequence
{
    private readonly int _from;
    private readonly int _top;
    private readonly Tokenizer _tokenizer;
    private readonly LogitsReader? _reader;
    private readonly List<TokenLogProbability> _scores = [];
    private int _firstScored;
    private int _outputs;

    /// <param name="tokens">All tokens.</param>
    /// <param name="from">Index of the first token to score, 1 or more: the first token has no condition.</param>
    /// <param name="top">How many alternatives to list beside each.</param>
    /// <param name="adapters">The adapters to run with.</param>
    /// <param name="queue">Whose request it is.</param>
    /// <param name="tokenizer">For the tokens' texts.</param>
    /// <param name="output">Where the scores go.</param>
    /// <param name="reader">Takes each row of logits instead of a score being kept.</param>
    public ScoringSequence(
        int[] tokens,
        int from,
        int top,
        AdapterSet adapters,
        string queue,
        Tokenizer tokenizer,
        ChannelWriter<GenerationUpdate> output,
        LogitsReader? reader = null)
        : base(tokens, adapters, queue, output)
    {
        _from = from;
        _top = top;
        _tokenizer = tokenizer;
        _reader = reader;
    }

    // Nothing is predicted from the last token.
    public override int Pending => Tokens.Count - 1 - Decoded;

    public override bool IsGenerating => false;

    public override ReadOnlySpan<int> Shareable => Prompt.AsSpan(0, _from - 1);

    public override int Reservation => Tokens.Count;

    public override int AddTo(TokenBatch batch, int most)
    {
        int count = Math.Min(Math.Min(Pending, batch.Free), most);
        (FirstOutput, _outputs) = (-1, 0);
        _firstScored = Math.Max(_from, Decoded + 1);
        for (int added = 0; added < count; added++)
        {
            bool scored = Decoded + 1 >= _from;
            if (scored && _outputs > 0 && !batch.TryTakeExtraOutput())
            {
                return added;
            }

            int index = batch.Add(Tokens[Decoded], Decoded, Id, scored);
            FirstOutput = scored && _outputs == 0 ? index : FirstOutput;
            _outputs += scored ? 1 : 0;
            Decoded++;
        }

        return count;
    }

    public override void Sample(EngineContext context)
    {
        for (int row = 0; row < _outputs; row++)
        {
            ReadOnlySpan<float> logits = context.Logits(FirstOutput + row);
            int at = _firstScored + row;
            if (_reader is null)
            {
                _scores.Add(LogProbabilities.Of(logits, Tokens[at], _top, _tokenizer));
            }
            else
            {
                _reader(at, logits);
            }
        }
    }

    public override void Publish()
    {
        FirstOutput = -1;
        if (Pending == 0)
        {
            Write(new("", GenerationEnd.Scored) { PromptTokens = Tokens.Count, CachedTokens = CachedTokens, LogProbabilities = _scores });
        }
    }
}
