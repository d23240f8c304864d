namespace AgentKit.Agents;

/// <summary>Brings the tool calls of a run's latest reply to their ends.</summary>
internal interface IToolRunner
{
    /// <summary>Works on every call of the latest reply that has no result yet.</summary>
    /// <param name="run">Where the intents and the results go.</param>
    /// <param name="cancellationToken">Stops the tools; those that had started stay without result.</param>
    /// <returns>Runs of other agents that calls wait for.</returns>
    Task<IReadOnlyList<string>> RunAsync(RunRecorder run, CancellationToken cancellationToken);
}
