namespace AgentKit.Memory.Stores;

/// <summary>What a field of a record holds.</summary>
public enum VectorStoreFieldType
{
    /// <summary>A text that is compared as a whole or by its beginning.</summary>
    Keyword,

    /// <summary>Several such texts; a filter matches when one of them does.</summary>
    Keywords,

    /// <summary>A number in double precision: also a time in milliseconds since 1970.</summary>
    Number,
}
