namespace AgentKit.Memory.Stores;

/// <summary>A record: what is stored under a key of a scope.</summary>
public sealed record VectorStoreRecord
{
    /// <summary>Its name within the scope, any text up to 1,024 characters.</summary>
    public required string Key { get; init; }

    /// <summary>What keyword search looks at, and what is read back.</summary>
    public string Text { get; init; } = "";

    /// <summary>
    /// The vector, of the collection's length; it is stored with length 1. Empty where the collection has no vectors, or they were not asked for.
    /// </summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>The fields: each a <see cref="string"/>, a number, or several strings, as the collection's definition says. None must be there.</summary>
    public IReadOnlyDictionary<string, object> Data { get; init; } = new Dictionary<string, object>();

    /// <summary>The value of a keyword field, <c>null</c> when the record does not have it.</summary>
    /// <param name="field">The field.</param>
    public string? Keyword(string field) => Data.GetValueOrDefault(field) as string;

    /// <summary>The value of a number field, <c>null</c> when the record does not have it.</summary>
    /// <param name="field">The field.</param>
    public double? Number(string field) => Data.GetValueOrDefault(field) as double?;
}
