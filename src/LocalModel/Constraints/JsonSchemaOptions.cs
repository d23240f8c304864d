namespace AgentKit.Models.Constraints;

/// <summary>How a JSON Schema is turned into a grammar.</summary>
public sealed record JsonSchemaOptions
{
    /// <summary>The white space between tokens.</summary>
    /// <value>Default: <see cref="JsonWhitespace.Compact"/>.</value>
    public JsonWhitespace Whitespace { get; init; } = JsonWhitespace.Compact;

    /// <summary>
    /// Members may come in any order. Otherwise they come in the order of the schema, which costs the model nothing and keeps states few.
    /// </summary>
    /// <value>Default: false.</value>
    public bool AnyPropertyOrder { get; init; }

    /// <summary>
    /// What an object schema with <c>properties</c> but without <c>additionalProperties</c> means: true allows further members, as the
    /// standard says; false allows the declared ones only, which is what callers of tools mean, and is still valid under the standard.
    /// </summary>
    /// <value>Default: false.</value>
    public bool OpenObjects { get; init; }

    /// <summary>The most digits before and after the decimal point of a number; bounds with more digits raise it.</summary>
    /// <value>Default: 16, what a 64-bit floating-point number can hold. Range 1 to 1000.</value>
    public int MaxDigits
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(MaxDigits), value, "1..1000");
    } = 16;
}
