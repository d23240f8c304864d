using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;

namespace AgentKit.Models.Sampling;

/// <summary>Holds a sequence to a grammar.</summary>
internal sealed class GrammarConstraint(TokenVocabulary vocabulary, Grammar grammar) : TokenConstraint
{
    private readonly Constraints.Tokens.TokenConstraint _tokens = new(vocabulary, grammar);

    public override bool Allows(int token) => _tokens.Allows(token);

    public override void ApplyMask(Span<float> logits) => _tokens.ApplyMask(logits);

    public override void Accept(int token) => _tokens.Accept(token);
}
