using AgentKit.Memory;
using AgentKit.Memory.Knowledge;

namespace AgentKit.Server.Offers;

/// <summary>A knowledge base that MCP clients may search and read.</summary>
/// <param name="Name">Its name, in the addresses of its documents.</param>
/// <param name="Base">The documents.</param>
/// <param name="Scope">All that clients can find.</param>
public sealed record SharedKnowledge(string Name, KnowledgeBase Base, MemoryScope Scope)
{
    private const string Root = "agentkit://knowledge/";

    /// <summary>How a search goes; hybrid needs the index's vectors.</summary>
    /// <value>Five hits by keyword.</value>
    public SearchOptions Search { get; init; } = new() { Count = 5, Mode = SearchMode.Keyword };

    /// <summary>The form of its documents' addresses.</summary>
    internal string Template => $"{Root}{Uri.EscapeDataString(Name)}/{{source}}";

    /// <summary>A document's address.</summary>
    internal string AddressOf(string source) => $"{Root}{Uri.EscapeDataString(Name)}/{Uri.EscapeDataString(source)}";

    /// <summary>The document an address names; <c>null</c> when it is none of this knowledge base.</summary>
    internal string? SourceOf(string uri)
    {
        string mine = $"{Root}{Uri.EscapeDataString(Name)}/";
        return uri.StartsWith(mine, StringComparison.Ordinal) && uri.Length > mine.Length ? Uri.UnescapeDataString(uri[mine.Length..]) : null;
    }
}
