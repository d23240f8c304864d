namespace AgentKit.Models.Sampling;

/// <summary>Restricts which tokens may come next. One instance belongs to one sequence and is used by one thread at a time.</summary>
internal abstract class TokenConstraint
{
    /// <summary>Whether this token may come next.</summary>
    public abstract bool Allows(int token);

    /// <summary>Sets the logits of all tokens that may not come next to negative infinity.</summary>
    public abstract void ApplyMask(Span<float> logits);

    /// <summary>Advances by a token that is allowed.</summary>
    public abstract void Accept(int token);
}
