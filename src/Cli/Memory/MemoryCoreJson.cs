namespace AgentKit.Cli.Memory;

/// <summary>The document of <c>memory core --json</c>.</summary>
internal sealed record MemoryCoreJson(IReadOnlyList<MemoryCoreJson.Block> Blocks)
{
    /// <summary>A text that is in every prompt.</summary>
    internal sealed record Block(string Name, string Text);
}
