namespace AgentKit.Training.Engine;

/// <summary>What an adapter's file says about how it was made.</summary>
public sealed record AdapterNotes
{
    /// <value>The adapter's name.</value>
    public required string Name { get; init; }

    /// <value>SHA-256 of the model file it was trained on, lower-case hexadecimal.</value>
    public required string BaseSha256 { get; init; }

    /// <value>Name of that model.</value>
    public required string BaseName { get; init; }

    /// <value>SHA-256 of the training data, lower-case hexadecimal.</value>
    public string DataSha256 { get; init; } = "";

    /// <value>The objective, for example <c>sft</c>.</value>
    public string Objective { get; init; } = "";

    /// <value>The configuration as JSON.</value>
    public string Config { get; init; } = "{}";

    /// <value>What was measured, as JSON.</value>
    public string Metrics { get; init; } = "{}";
}
