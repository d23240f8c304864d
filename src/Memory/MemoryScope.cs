using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory;

/// <summary>
/// Whose memory: every read and write names it, and what was written in one scope is found in that scope only. Scopes are equal or foreign:
/// nothing is inherited, and nothing of another scope has an influence on results, scores included.
/// </summary>
public sealed record MemoryScope
{
    private const int MostCharacters = 200;

    /// <summary>A scope.</summary>
    /// <param name="tenant">The customer or organization, <c>local</c> where there is only one.</param>
    /// <param name="collection">The knowledge base or kind of memory.</param>
    /// <param name="user">The person; empty: shared by all of the tenant.</param>
    /// <param name="agent">The agent; empty: shared by all agents.</param>
    /// <exception cref="UserInputException">Tenant or collection is empty, or a part is longer than 200 characters or has control or half characters.</exception>
    public MemoryScope(string tenant, string collection, string user = "", string agent = "")
    {
        Tenant = Checked("tenant", tenant, needed: true);
        Collection = Checked("collection", collection, needed: true);
        User = Checked("user", user, needed: false);
        Agent = Checked("agent", agent, needed: false);
    }

    /// <summary>The customer or organization.</summary>
    public string Tenant { get; }

    /// <summary>The knowledge base or kind of memory.</summary>
    public string Collection { get; }

    /// <summary>The person; empty: shared by all of the tenant.</summary>
    public string User { get; }

    /// <summary>The agent; empty: shared by all agents.</summary>
    public string Agent { get; }

    /// <summary>The scope of a program that serves one person on their own machine.</summary>
    /// <param name="collection">The knowledge base.</param>
    public static MemoryScope Local(string collection) => new("local", collection);

    /// <summary>The scope as one text; different scopes have different ones.</summary>
    internal string ToKey() => JsonSerializer.Serialize<string[]>([Tenant, Collection, User, Agent]);

    private static string Checked(string field, string value, bool needed)
    {
        ArgumentNullException.ThrowIfNull(value, field);
        if (needed && string.IsNullOrWhiteSpace(value)) throw new UserInputException(field, $"The {field} of a scope is empty; a name is expected.");
        if (value.Length > MostCharacters)
            throw new UserInputException(field, $"The {field} of a scope has {value.Length} characters; {MostCharacters} are allowed.");
        if (HalfCharacter(value) is { } position)
            throw new UserInputException(field, $"The {field} of a scope has half a character, a surrogate without its other half, at position {position + 1}.");
        return value.Any(char.IsControl) ? throw new UserInputException(field, $"The {field} of a scope has control characters.") : value;
    }

    /// <summary>Halves are all written as the same replacement in UTF-8, which would make two scopes one.</summary>
    private static int? HalfCharacter(string value)
    {
        for (int i = 0; i < value.Length;)
        {
            if (!Rune.TryGetRuneAt(value, i, out Rune whole)) return i;
            i += whole.Utf16SequenceLength;
        }

        return null;
    }
}
