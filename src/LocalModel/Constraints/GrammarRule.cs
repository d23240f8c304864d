namespace AgentKit.Models.Constraints;

/// <summary>A named expression that may be used before it is defined, so that rules can refer to each other and to themselves.</summary>
public sealed class GrammarRule : GrammarExpression
{
    internal GrammarRule(string name) => Name = name;

    /// <summary>The name used in messages.</summary>
    public string Name { get; }

    internal GrammarExpression? Body { get; private set; }

    /// <summary>Says what the rule matches.</summary>
    /// <param name="body">The expression; it may contain this rule, but not as its first part.</param>
    /// <returns>This rule.</returns>
    /// <exception cref="InvalidOperationException">The rule is already defined.</exception>
    public GrammarRule Define(GrammarExpression body)
    {
        if (Body is not null)
            throw new InvalidOperationException($"The rule '{Name}' is already defined.");
        Body = body;
        return this;
    }
}
