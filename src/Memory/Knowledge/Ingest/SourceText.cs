namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A document that is no file: a page, a record, a message.</summary>
/// <param name="Source">What it is known by; the same source again replaces it.</param>
/// <param name="Text">Its text.</param>
public sealed record SourceText(string Source, string Text)
{
    /// <summary>Its title; searched like its headings.</summary>
    public string? Title { get; init; }

    /// <summary>How it is read: <c>md</c>, <c>txt</c>, <c>html</c>, <c>csv</c>, <c>json</c>, <c>jsonl</c> or <c>code</c>.</summary>
    public string Kind { get; init; } = "txt";
}
