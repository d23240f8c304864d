namespace AgentKit.Cli.Output;

/// <summary>Reports from the thread that does the work: the usual class would let the last reports come after the result.</summary>
internal sealed class DirectProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
