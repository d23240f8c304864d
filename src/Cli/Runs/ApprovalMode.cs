namespace AgentKit.Cli.Runs;

/// <summary>The values of <c>--approve</c>, which governs tools that change something.</summary>
internal enum ApprovalMode
{
    /// <summary>Run them.</summary>
    Auto,

    /// <summary>Ask in the terminal before each call; without a terminal, the run waits for <c>runs approve</c>.</summary>
    Ask,

    /// <summary>Refuse them.</summary>
    Never,
}
