namespace AgentKit.Models.Chat;

/// <summary>How the arguments of a call are written.</summary>
public enum ArgumentEncoding
{
    /// <summary>A JSON object; for tagged arguments, every value is plain text or JSON.</summary>
    Json,

    /// <summary>
    /// An object with bare keys whose strings stand between special quotes: <c>{city:&lt;|"|&gt;Bern&lt;|"|&gt;,days:3}</c>.
    /// </summary>
    BareObject,

    /// <summary>
    /// Tags named like the keys, nested for objects, with <c>item</c> tags for lists: <c>&lt;city&gt;Bern&lt;/city&gt;</c>.
    /// </summary>
    NestedTags,

    /// <summary>Keyword arguments of a Python call: <c>city="Bern", days=3</c>.</summary>
    Python,
}
