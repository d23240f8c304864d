namespace AgentKit.Eval.Runs;

/// <summary>A line of a run's log: what became of one sample.</summary>
/// <param name="Id">The sample's id.</param>
/// <param name="Key">Hash of prompt and settings: a line counts only for the sample as it is asked now.</param>
public sealed record SampleRecord(string Id, string Key)
{
    /// <summary>Values by name; absent when the sample failed.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The part of the task it belongs to.</summary>
    public string? Group { get; init; }

    /// <summary>What it is drawn together with in intervals.</summary>
    public string? Cluster { get; init; }

    /// <summary>What the model read.</summary>
    public string? Prompt { get; init; }

    /// <summary>What counted as its answer.</summary>
    public string? Prediction { get; init; }

    /// <summary>What would have been right.</summary>
    public string? Expected { get; init; }

    /// <summary>Why it is wrong.</summary>
    public string? Reason { get; init; }

    /// <summary>How sure the model was, 0 to 1.</summary>
    public double? Confidence { get; init; }

    /// <summary>What it wrote, if that is more than its answer.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Its scores, one for each choice.</summary>
    public IReadOnlyList<ChoiceRecord>? Choices { get; init; }
}
