namespace AgentKit.Eval.Tasks;

/// <summary>A task file: what is asked, from which data, how it is rendered. All that must be computed is code, chosen by name.</summary>
public sealed record TaskDefinition
{
    /// <summary>Its name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>Rises whenever a change of rendering or scoring makes old numbers incomparable.</summary>
    public required int Version { get; init; }

    /// <summary>What it asks.</summary>
    public required string Description { get; init; }

    /// <summary>
    /// What the model does: <c>choice</c>, <c>answer</c>, <c>instructions</c>, <c>code</c>, <c>functions</c>, <c>judge</c>, <c>judged</c>,
    /// <c>retrieval</c>, <c>dialogue</c>.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>How the files are read, by the name of a reader of this kind.</summary>
    public required string Reader { get; init; }

    /// <summary>The files below the dataset directory; <c>*</c> in a name stands for any characters.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Files that examples are taken from; default: the task's own, without the sample that is asked.</summary>
    public IReadOnlyList<string>? ExampleFiles { get; init; }

    /// <summary>Files that are read beside them, such as answers or prompts of parts; default: none.</summary>
    public IReadOnlyList<string>? FurtherFiles { get; init; }

    /// <summary>The metric that stands for the task.</summary>
    public required string Metric { get; init; }

    /// <summary>How a question is put; <c>{question}</c> is replaced.</summary>
    public string Prompt { get; init; } = "{question}";

    /// <summary>Whether a text is continued rather than a question answered: then no chat template is applied.</summary>
    public bool Continues { get; init; }

    /// <summary>Examples before each question unless the user says otherwise.</summary>
    public int Shots { get; init; }

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string> Until { get; init; } = [];

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>What became of it, newest version first.</summary>
    public required IReadOnlyList<TaskChange> Changes { get; init; }

    /// <summary>All files that its numbers depend on.</summary>
    internal IEnumerable<string> AllFiles => [.. Files, .. ExampleFiles ?? [], .. FurtherFiles ?? []];
}
