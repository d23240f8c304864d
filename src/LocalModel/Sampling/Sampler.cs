using System.Numerics.Tensors;

namespace AgentKit.Models.Sampling;

/// <summary>Chooses the tokens of one sequence. Works in place on the engine's logits, so a row is never copied.</summary>
/// <param name="options">The filters and the seed.</param>
/// <param name="constraint">What the output must match, if anything.</param>
internal sealed class Sampler(SamplingOptions options, TokenConstraint? constraint)
{
    private readonly Random _random = new((int)(options.Seed ^ (options.Seed >> 32)));
    private readonly CandidateList _candidates = new();

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">One row, [vocab]; modified.</param>
    /// <param name="history">The sequence so far, prompt included; the penalties look at its end.</param>
    /// <exception cref="NativeRuntimeException">The model produced no usable number, or the constraint leaves no token.</exception>
    public int Next(Span<float> logits, List<int> history)
    {
        Penalize(logits, history);
        int token = Pick(logits);
        if (constraint is null)
        {
            return token;
        }

        // One token is checked in microseconds, a whole mask may take milliseconds: most choices need no mask.
        if (!constraint.Allows(token))
        {
            constraint.ApplyMask(logits);
            token = Pick(logits);
            // The mask tells what may follow, not what would take too long; that is asked of the one token again.
            if (!constraint.Allows(token))
            {
                constraint.ApplyMask(logits);
                token = Pick(logits);
            }
        }

        constraint.Accept(token);
        return token;
    }

    private int Pick(Span<float> logits)
    {
        int best = TensorPrimitives.IndexOfMax<float>(logits);
        if (!float.IsFinite(logits[best]))
        {
            throw new NativeRuntimeException(float.IsNaN(logits[best])
                ? "The model produced a number that is not a number; its weights are damaged or overflow in this precision."
                : "No token can follow: the required output format and the model's vocabulary do not meet.");
        }

        return options.Temperature <= 0 ? best : Draw(logits);
    }

    private int Draw(Span<float> logits)
    {
        int keep = Math.Min(options.TopK, logits.Length);
        if (keep > 0)
        {
            _candidates.TakeTop(logits, keep);
            _candidates.CutTopP(options.TopP);
            _candidates.CutMinP(options.MinP);
        }
        else if (options.TopP < 1)
        {
            _candidates.TakeMass(logits, options.TopP);
            _candidates.CutMinP(options.MinP);
        }
        else
        {
            _candidates.TakeAbove(logits, TensorPrimitives.Max<float>(logits) + MathF.Log(options.MinP));
        }

        return _candidates.Draw(options.Temperature, _random.NextDouble());
    }

    private void Penalize(Span<float> logits, List<int> history)
    {
        if (!options.HasPenalties)
        {
            return;
        }

        Dictionary<int, int> counts = [];
        for (int i = Math.Max(0, history.Count - options.PenaltyWindow); i < history.Count; i++)
        {
            counts[history[i]] = counts.GetValueOrDefault(history[i]) + 1;
        }

        foreach ((int token, int count) in counts)
        {
            float logit = logits[token];
            logit = logit > 0 ? logit / options.RepetitionPenalty : logit * options.RepetitionPenalty;
            logits[token] = logit - options.PresencePenalty - (count * options.FrequencyPenalty);
        }
    }
}
