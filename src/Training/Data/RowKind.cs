namespace AgentKit.Training.Data;

/// <summary>What the rows of a data file are for.</summary>
public enum RowKind
{
    /// <summary>Conversations to imitate (<see cref="ChatRow"/>): chat messages, Alpaca or ShareGPT.</summary>
    Chat,

    /// <summary>Pairs of a preferred and another answer (<see cref="PreferenceRow"/>).</summary>
    Preference,

    /// <summary>Answers with a verdict (<see cref="VerdictRow"/>).</summary>
    Verdict,

    /// <summary>Prompts with verifiable rewards (<see cref="PromptRow"/>).</summary>
    Prompt,
}
