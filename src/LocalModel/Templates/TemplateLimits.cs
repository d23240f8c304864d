namespace AgentKit.Models.Templates;

/// <summary>
/// What a template may spend. Templates come with downloaded models and are untrusted input: one that loops forever or builds gigabytes
/// must end in a
/// <see cref="TemplateException"/>, never in a hung or exhausted process.
/// </summary>
public sealed record TemplateLimits
{
    /// <summary>The defaults.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Longest template source.</summary>
    /// <value>UTF-16 characters, 1 to 16 Mi; default 1 Mi.</value>
    public int SourceLength { get; init => field = Require(value, 1, 1 << 24); } = 1 << 20;

    /// <summary>Deepest nesting of blocks, expressions, macro calls and values.</summary>
    /// <value>Levels, 8 to 400; default 100.</value>
    public int Depth { get; init => field = Require(value, 8, 400); } = 100;

    /// <summary>
    /// Most work per rendering. Evaluating a node costs one step; handling a string or list costs one more step per 64 characters or items.
    /// </summary>
    /// <value>Steps, 1,000 to 1 Gi; default 20,000,000.</value>
    public int Steps { get; init => field = Require(value, 1000, 1 << 30); } = 20_000_000;

    /// <summary>Longest string a rendering may build, and so also its longest output.</summary>
    /// <value>UTF-16 characters, 1 to 256 Mi; default 32 Mi.</value>
    public int OutputLength { get; init => field = Require(value, 1, 1 << 28); } = 1 << 25;

    private static int Require(int value, int min, int max) =>
        value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{min}..{max}");
}
