namespace AgentKit.Testing;

/// <summary>A theory that runs llama.cpp; skipped with the reason where its libraries cannot be loaded.</summary>
public sealed class NativeTheoryAttribute : TheoryAttribute
{
    public NativeTheoryAttribute() => Skip = ShippedModel.SkipReason;
}
