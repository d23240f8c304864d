namespace AgentKit.Models.Engine;

/// <summary>Chooses what the next decode call computes. Used by the engine's owner thread only.</summary>
/// <param name="context">Where adapters are made active.</param>
/// <param name="pool">Counts the cells.</param>
/// <param name="batch">The batch to fill.</param>
/// <param name="drafter">Guesses ahead, if anything does.</param>
internal sealed class BatchBuilder(EngineContext context, SequencePool pool, TokenBatch batch, Drafter? drafter)
{
    /// <summary>Beyond this many rows a batch takes longer with every row, so guesses would cost the others what they bring.</summary>
    private const int RowsWorthGuessing = 16;

    private readonly List<GeneratingSequence> _generating = [];
    private readonly List<Sequence> _prompts = [];

    /// <summary>
    /// Fills the batch: the next token of every generating sequence, with guesses, then pieces of prompts in order of arrival. Adapters are set
    /// for a whole decode call, so sets of adapters take turns: those that were in the batch go to the end of the list.
    /// </summary>
    /// <param name="running">Running sequences; reordered when there are several sets of adapters.</param>
    /// <param name="promptTokens">Most prompt tokens while others generate.</param>
    public void Build(List<Sequence> running, int promptTokens)
    {
        batch.Clear();
        Sequence? first = running.Find(sequence => !sequence.IsOver);
        if (first is null)
        {
            return;
        }

        Sort(running, first.Adapters.Scope);
        context.Use(first.Adapters);
        if (context.CanTrim && _generating.Count > 0)
        {
            drafter?.Propose(_generating, (RowsWorthGuessing / _generating.Count) - 1);
        }

        _generating.ForEach(sequence => Add(sequence, int.MaxValue));
        int left = _generating.Count > 0 ? promptTokens : int.MaxValue;
        for (int i = 0; i < _prompts.Count && left > 0; i++)
        {
            left -= Add(_prompts[i], left);
        }

        if (_generating.Count + _prompts.Count < running.Count)
        {
            List<Sequence> turn = [.. _generating, .. _prompts];
            running.RemoveAll(turn.Contains);
            running.AddRange(turn);
        }
    }

    private void Sort(List<Sequence> running, int scope)
    {
        _generating.Clear();
        _prompts.Clear();
        foreach (Sequence sequence in running.Where(sequence => !sequence.IsOver && sequence.Adapters.Scope == scope))
        {
            if (sequence is GeneratingSequence { IsGenerating: true } generating)
            {
                _generating.Add(generating);
            }
            else
            {
                _prompts.Add(sequence);
            }
        }
    }

    private int Add(Sequence sequence, int most)
    {
        int added = sequence.AddTo(batch, most);
        pool.Extend(sequence);
        return added;
    }
}
