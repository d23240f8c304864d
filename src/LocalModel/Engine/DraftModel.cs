using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>
/// Lets a small model with the same vocabulary guess: greedy, and only as long as it is fairly sure. Follows each sequence in a KV memory of
/// its own. Used by the engine's owner thread only.
/// </summary>
internal sealed class DraftModel : Drafter
{
    /// <summary>A less likely guess is wrong too often to be worth its row in the batch.</summary>
    private const double SureEnough = 0.6;

    private readonly EngineContext _context;
    private readonly TokenBatch _batch;
    private readonly List<int>[] _held;

    /// <exception cref="NativeRuntimeException">llama.cpp refused the context.</exception>
    public DraftModel(ModelHandle model, Tokenizer tokenizer, EngineOptions options)
    {
        _context = new(model, tokenizer, options);
        _batch = new(options.BatchSize, tokenizer.VocabularySize);
        _held = [.. Enumerable.Range(0, options.SequenceIds).Select(_ => new List<int>())];
    }

    /// <inheritdoc/>
    public override void Propose(IReadOnlyList<GeneratingSequence> sequences, int most)
    {
        List<(GeneratingSequence Sequence, int Worth)> active = [.. sequences.Select(s => (s, Worth(s, most))).Where(s => s.Item2 > 0)];
        if (!active.TrueForAll(s => CatchUp(s.Sequence)))
        {
            return;
        }

        while (active.Count > 0)
        {
            _batch.Clear();
            Dictionary<GeneratingSequence, int> rows = active.ToDictionary(s => s.Sequence, s => AddLast(s.Sequence));
            if (!Decode())
            {
                return;
            }

            active.RemoveAll(s => !Guess(s.Sequence, rows[s.Sequence]) || s.Sequence.Draft.Count == s.Worth);
        }
    }

    public override void Dispose()
    {
        _batch.Dispose();
        _context.Dispose();
    }

    /// <summary>Computes what it has not seen of a sequence, but for the last token. <c>false</c>: it could not.</summary>
    private bool CatchUp(GeneratingSequence sequence)
    {
        List<int> held = _held[sequence.Id];
        Span<int> tokens = CollectionsMarshal.AsSpan(sequence.Tokens)[..^1];
        int common = tokens.CommonPrefixLength(CollectionsMarshal.AsSpan(held));
        if (common < held.Count)
        {
            _context.Trim(sequence.Id, common);
            held.RemoveRange(common, held.Count - common);
        }

        while (held.Count < tokens.Length)
        {
            _batch.Clear();
            while (held.Count < tokens.Length && _batch.Free > 0)
            {
                _batch.Add(tokens[held.Count], held.Count, sequence.Id, output: false);
                held.Add(tokens[held.Count]);
            }

            if (!Decode())
            {
                return false;
            }
        }

        return true;
    }

    private int AddLast(GeneratingSequence sequence)
    {
        List<int> held = _held[sequence.Id];
        int token = sequence.Draft.Count > 0 ? sequence.Draft[^1] : sequence.Tokens[^1];
        held.Add(token);
        return _batch.Add(token, held.Count - 1, sequence.Id, output: true);
    }

    private bool Guess(GeneratingSequence sequence, int row)
    {
        Span<float> logits = _context.Logits(row);
        int best = TensorPrimitives.IndexOfMax<float>(logits);
        if (Math.Exp(logits[best] - LogProbabilities.LogSumExp(logits)) < SureEnough)
        {
            return false;
        }

        sequence.Draft.Add(best);
        return true;
    }

    /// <summary>When its memory is full, it forgets everything and guesses again from the next step on.</summary>
    private bool Decode()
    {
        if (_context.TryDecode(_batch))
        {
            return true;
        }

        for (int id = 0; id < _held.Length; id++)
        {
            _context.Trim(id, 0);
            _held[id].Clear();
        }

        return false;
    }
}
