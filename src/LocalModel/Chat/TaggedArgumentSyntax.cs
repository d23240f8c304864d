namespace AgentKit.Models.Chat;

/// <summary>How one argument is written between markers: <see cref="Start"/> key <see cref="KeyEnd"/> value <see cref="End"/>.</summary>
public sealed record TaggedArgumentSyntax
{
    /// <summary>Text before the key, such as <c>&lt;parameter=</c>.</summary>
    public required string Start { get; init; }

    /// <summary>Text between the key and a string value, such as <c>&gt;</c>.</summary>
    public required string KeyEnd { get; init; }

    /// <summary>
    /// Text between the key and a value that is not a string, by JSON type (<c>number</c>, <c>boolean</c>, <c>array</c>, <c>object</c>);
    /// empty when it is
    /// <see cref="KeyEnd"/> for all types, so that only the tool's schema tells the type.
    /// </summary>
    public IReadOnlyDictionary<string, string> TypedKeyEnds { get; init; } = new Dictionary<string, string>();

    /// <summary>Text behind the value, such as <c>&lt;/parameter&gt;</c>.</summary>
    public required string End { get; init; }

    /// <summary>Text between two arguments; often a line break or nothing.</summary>
    public string Separator { get; init; } = "";
}
