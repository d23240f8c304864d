namespace AgentKit.Tests.Support;

/// <summary>A test with data that runs programs from npm; skipped, with the reason, where they cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NpmTheoryAttribute : TheoryAttribute
{
    public NpmTheoryAttribute()
    {
        if (NpmTools.Fault is { } fault) Skip = fault;
    }
}
