namespace AgentKit.Testing;

/// <summary>A test that runs llama.cpp; skipped with the reason where its libraries cannot be loaded.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute() => Skip = ShippedModel.SkipReason;
}
