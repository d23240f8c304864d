namespace AgentKit.Agents.Judge;

/// <summary>Which of two answers is better.</summary>
public enum Verdict
{
    /// <summary>Neither; also when the judge changed its mind with the order of the answers, or gave no verdict that can be read.</summary>
    Tie,

    /// <summary>The first one.</summary>
    First,

    /// <summary>The second one.</summary>
    Second,
}
