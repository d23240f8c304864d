namespace AgentKit.Models.Constraints.Schemas;

/// <summary>
/// The types a JSON value may have. A number that is an integer has the type <see cref="Integer"/>, any other <see cref="Fraction"/>.
/// </summary>
[Flags]
internal enum JsonTypes
{
    /// <summary>No type.</summary>
    None = 0,

    /// <summary><c>null</c>.</summary>
    Null = 1,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean = 2,

    /// <summary>A number with an integral value.</summary>
    Integer = 4,

    /// <summary>A number with another value.</summary>
    Fraction = 8,

    /// <summary>A string.</summary>
    String = 16,

    /// <summary>An array.</summary>
    Array = 32,

    /// <summary>An object.</summary>
    Object = 64,

    /// <summary>Any number.</summary>
    Number = Integer | Fraction,

    /// <summary>Anything.</summary>
    Any = Null | Boolean | Number | String | Array | Object,
}
