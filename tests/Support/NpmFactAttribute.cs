namespace AgentKit.Tests.Support;

/// <summary>A test that runs programs from npm; skipped, with the reason, where they cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute()
    {
        if (NpmTools.Fault is { } fault) Skip = fault;
    }
}
