namespace AgentKit.SlowTests.Cli;

/// <summary>A test that needs a POSIX shell and signals.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "Needs sh and POSIX signals.";
    }
}
